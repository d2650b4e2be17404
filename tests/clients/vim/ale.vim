" Save, build, diagnostic, repair, in Vim with ALE.
" Run by tests/run; by hand: RELOAD_LSP=target/debug/reload-lsp OUT=/dev/stdout vim -Nu NONE -i NONE -n -es -S tests/clients/vim/ale.vim
set nocompatible nomore
let g:ale_linters_explicit = 1
let g:ale_linters = {'c': ['reload']}
let g:ale_lint_on_text_changed = 'never'
let g:ale_lint_on_insert_leave = 0
packadd ale
filetype on

func! ReloadRoot(buffer) abort
  let l:file = findfile('reload.toml', expand('#' . a:buffer . ':p:h') . ';')
  return empty(l:file) ? '' : fnamemodify(l:file, ':p:h')
endfunc
call ale#linter#Define('c', {
\ 'name': 'reload',
\ 'lsp': 'stdio',
\ 'executable': $RELOAD_LSP,
\ 'command': '%e --stdio',
\ 'project_root': function('ReloadRoot'),
\ 'initialization_options': {'reload': {'trust': {'granted': v:true}}},
\})

" In seconds: a compiler on a busy machine takes its time.
let s:limit = 60
let s:good = ['#include <stdio.h>', '#include <unistd.h>', '', 'int main(void) {', '  puts("serving");',
\ '  fflush(stdout);', '  for (;;) pause();', '}']
let s:broken = map(copy(s:good), {_, line -> substitute(line, 'puts', 'missing = puts', '')})

func! s:End(problem) abort
  let l:failed = a:problem !=# ''
  call writefile([(l:failed ? 'not ok' : 'ok') . ' 1 - ALE shows the error of a save, and takes it back']
  \ + (l:failed ? ['# ' . a:problem] : []) + ['# pass ' . !l:failed, '# fail ' . l:failed], $OUT, 'a')
  call ale#lsp#StopAll()
  execute l:failed ? 'cquit!' : 'qall!'
endfunc

func! s:Wait(what, holds) abort
  let l:began = reltime()
  while !a:holds()
    if reltimefloat(reltime(l:began)) > s:limit
      call s:End(a:what . ' did not come: ' . string(getloclist(0)))
    endif
    " The only way to let Vim read from the server in the meantime.
    sleep 20m
  endwhile
endfunc

func! s:Save(lines) abort
  silent %delete _
  call setline(1, a:lines)
  silent write
endfunc

func! s:Errors() abort
  return filter(getloclist(0), {_, item -> item.lnum == 5 && item.text =~# 'missing'})
endfunc

let s:root = tempname()
call mkdir(s:root)
call writefile(s:good, s:root . '/main.c')
call writefile(['[services.api]', 'build = "gcc main.c -o {out}"', 'run = "{out}"', 'ready = { log = "serving" }'],
\ s:root . '/reload.toml')
execute 'edit ' . fnameescape(s:root . '/main.c')
set filetype=c
call ale#Queue(0, 'lint_file')
call s:Wait('the server', {-> !empty(filter(copy(ale#lsp#GetConnections()), {_, one -> get(one, 'initialized', 0)}))})
call s:Save(s:broken)
call s:Wait('the error', {-> !empty(s:Errors())})
call s:Save(s:good)
call s:Wait('the end of the error', {-> empty(getloclist(0))})
call s:End('')
