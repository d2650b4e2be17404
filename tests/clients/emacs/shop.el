;;; shop.el --- A project in C, and how the tests of both clients wait  -*- lexical-binding: t -*-

;;; Code:

(require 'cl-lib)

(defconst reload-program (or (getenv "RELOAD_LSP") (error "RELOAD_LSP names the program")))

(defconst reload-limit 60
  "In seconds: a compiler on a busy machine takes its time.")

(defconst reload-good "#include <stdio.h>\n#include <unistd.h>\n\nint main(void) {\n  puts(\"serving\");\n  fflush(stdout);\n  for (;;) pause();\n}\n")

(defconst reload-broken (replace-regexp-in-string "puts" "missing = puts" reload-good))

(defun reload-project ()
  "Make the project and return its file, where the server and Emacs give it the same name."
  (let ((root (file-truename (make-temp-file "reload-" t))))
    (with-temp-file (expand-file-name "main.c" root) (insert reload-good))
    (with-temp-file (expand-file-name "reload.toml" root)
      (insert "[services.api]\nbuild = \"gcc main.c -o {out}\"\nrun = \"{out}\"\nready = { log = \"serving\" }\n"))
    (expand-file-name "main.c" root)))

(defun reload-wait (what holds)
  "Wait until the function HOLDS returns something, and return it; WHAT is named if it does not come."
  (let ((end (+ (float-time) reload-limit)) result)
    (while (not (or (setq result (funcall holds)) (> (float-time) end)))
      (accept-process-output nil 0.02))
    (or result (error "%s did not come" what))))

(defvar reload-question nil
  "What the server has asked.")

(defun reload-allow (question &rest _)
  "Answer QUESTION about the commands, in the place of `completing-read'."
  (setq reload-question question)
  "Allow")

(defun reload-save (text)
  "Save TEXT in the current buffer."
  (erase-buffer)
  (insert text)
  (save-buffer))

(defun reload-tell (name story)
  "Run the function STORY and report it as NAME; end Emacs."
  (setq make-backup-files nil create-lockfiles nil auto-save-default nil)
  ;; What is allowed here is nobody else's business.
  (setenv "XDG_STATE_HOME" (make-temp-file "reload-state-" t))
  (advice-add 'completing-read :override #'reload-allow)
  (let ((problem (condition-case problem (progn (funcall story) nil) (error (error-message-string problem)))))
    (princ (format "%s 1 - %s\n" (if problem "not ok" "ok") name))
    (when problem (princ (format "# %s\n" problem)))
    (princ (format "# pass %d\n# fail %d\n" (if problem 0 1) (if problem 1 0)))
    (kill-emacs (if problem 1 0))))


;;; shop.el ends here
