;;; eglot.el --- Question, save, build, diagnostic, repair, with eglot  -*- lexical-binding: t -*-

;; Run by tests/run; by hand:
;;   RELOAD_LSP=target/debug/reload-lsp emacs -q --batch -l tests/clients/emacs/eglot.el

;;; Code:

(package-initialize)
(require 'eglot)
(load (expand-file-name "shop.el" (file-name-directory load-file-name)) nil t)

(defun reload-messages ()
  "What flymake shows, with the lines."
  (flymake-start)
  (mapcar (lambda (diagnostic)
            (list (line-number-at-pos (flymake-diagnostic-beg diagnostic)) (flymake-diagnostic-text diagnostic)))
          (flymake-diagnostics)))

(defun reload-story ()
  "The story."
  (setq eglot-sync-connect t eglot-autoshutdown nil)
  (add-to-list 'eglot-server-programs
               `(c-mode . (,reload-program "--stdio" :initializationOptions (:reload (:diagnostics (:overlap "all"))))))
  (find-file (reload-project))
  (c-mode)
  (apply #'eglot (eglot--guess-contact))
  (let ((server (eglot-current-server)) (kill-buffer-query-functions nil))
    (reload-wait "the question" (lambda () reload-question))
    (unless (string-match-p "gcc main.c -o {out}" reload-question) (error "%S" reload-question))
    (reload-save reload-broken)
    (let ((shown (reload-wait "the error" #'reload-messages)))
      (unless (and (= 5 (caar shown)) (string-match-p "missing" (cadar shown))) (error "%S" shown)))
    (let ((answer (jsonrpc-request server :workspace/executeCommand '(:command "reload-lsp.build" :arguments []))))
      (unless (eq t (plist-get answer :accepted)) (error "%S" answer)))
    (reload-save reload-good)
    (reload-wait "the end of the error" (lambda () (null (reload-messages))))
    (eglot-shutdown server)))

(reload-tell "eglot asks, shows the error of a save, and takes it back" #'reload-story)
;;; eglot.el ends here
