;;; lsp-mode.el --- Question, save, build, diagnostic, repair, with lsp-mode  -*- lexical-binding: t -*-

;; Run by tests/run; by hand:
;;   RELOAD_LSP=target/debug/reload-lsp emacs -q --batch -l tests/clients/emacs/lsp-mode.el </dev/null

;;; Code:

(package-initialize)
(require 'lsp-mode)
(load (expand-file-name "shop.el" (file-name-directory load-file-name)) nil t)

(defun reload-messages ()
  "What lsp-mode knows of the file, with the lines."
  (mapcar (lambda (diagnostic)
            (list (1+ (lsp-get (lsp-get (lsp-get diagnostic :range) :start) :line)) (lsp-get diagnostic :message)))
          (gethash (lsp--fix-path-casing (buffer-file-name)) (lsp-diagnostics))))

(defun reload-story ()
  "The story."
  (setq lsp-session-file (make-temp-name (expand-file-name "lsp-session-" temporary-file-directory))
        lsp-enable-file-watchers nil lsp-restart 'ignore lsp-enable-suggest-server-download nil)
  (lsp-register-client
   (make-lsp-client :new-connection (lsp-stdio-connection (list reload-program "--stdio"))
                    :activation-fn (lambda (file &rest _) (locate-dominating-file file "reload.toml"))
                    :add-on? t
                    :server-id 'reload-lsp))
  (find-file (reload-project))
  (c-mode)
  ;; Emacs' own checkers report later than lsp-mode lets them.
  (setq-local flymake-diagnostic-functions nil)
  (lsp-workspace-folders-add (directory-file-name (file-name-directory (buffer-file-name))))
  ;; Whether clangd is installed is of no interest here.
  (setq-local lsp-enabled-clients '(reload-lsp))
  (lsp)
  (reload-wait "the server" (lambda ()
                              (and (lsp-workspaces)
                                   (eq 'initialized (lsp--workspace-status (car (lsp-workspaces)))))))
  (reload-wait "the question" (lambda () reload-question))
  (unless (string-match-p "gcc main.c -o {out}" reload-question) (error "%S" reload-question))
  (reload-save reload-broken)
  (let ((shown (reload-wait "the error" #'reload-messages)))
    (unless (and (= 5 (caar shown)) (string-match-p "missing" (cadar shown))) (error "%S" shown)))
  (let ((answer (lsp-request "workspace/executeCommand" '(:command "reload-lsp.build"))))
    (unless (eq t (lsp-get answer :accepted)) (error "%S" answer)))
  (reload-save reload-good)
  (reload-wait "the end of the error" (lambda () (null (reload-messages))))
  (lsp-workspace-shutdown (car (lsp-workspaces))))

(reload-tell "lsp-mode asks, shows the error of a save, and takes it back" #'reload-story)
;;; lsp-mode.el ends here
