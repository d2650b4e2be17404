//! Traces of real programs in Go 1.26 with its race detector, Java 17, Ruby 3.1, PHP 8.2, Mono 6.8, Elixir 1.14 and C with the sanitizers of GCC 12.

use super::{assert_crash, crash};
use crate::engine::Severity;

#[test]
fn an_exception_of_java_is_shown_where_the_project_threw_it() {
    let text = "\
Exception in thread \"main\" java.lang.IllegalStateException: could not load
the shop
	at java.base/java.util.ArrayList.forEach(ArrayList.java:1511)
	at com.acme.App.load(App.java:13)
	at com.acme.App.lambda$main$0(App.java:17)
Caused by: java.lang.NumberFormatException: For input string: \"x\"
	at java.base/java.lang.Integer.parseInt(Integer.java:668)
	at com.acme.App$Shop.open(App.java:6)
	... 2 more
";
    let message = "java.lang.IllegalStateException: could not load\nthe shop\n\
                   Caused by: java.lang.NumberFormatException: For input string: \"x\"";
    let app = "api/src/main/java/com/acme/App.java";
    let related =
        [format!("{app}:17 in com.acme.App.lambda$main$0"), format!("{app}:6 in com.acme.App$Shop.open")];
    assert_crash(text, &format!("java {app}:13"), message, &[&related[0], &related[1]]);
}

#[test]
fn an_exception_of_ruby_is_shown_with_what_it_follows_from() {
    let text = "\
main.rb:5:in `rescue in load': no (ArgumentError)
shop
	from main.rb:2:in `load'
	from main.rb:7:in `<main>'
/srv/app/api/lib/shop.rb:3:in `fetch': key not found: :missing (KeyError)
	from /srv/app/api/lib/shop.rb:3:in `open'
	from main.rb:3:in `load'
";
    let related = [
        "api/main.rb:2 in load",
        "api/main.rb:7 in <main>",
        "api/lib/shop.rb:3 in fetch",
        "api/main.rb:3 in load",
    ];
    assert_crash(text, "ruby api/main.rb:5", "no (ArgumentError)\nshop", &related);
    let newer = "main.rb:1:in 'Shop#open': undefined method 'foo' for nil (NoMethodError)\n\n    x.foo\n     ^^^^\n\
                 \tfrom main.rb:9:in 'Array#each'\n";
    let message = "undefined method 'foo' for nil (NoMethodError)\n    x.foo\n     ^^^^";
    assert_crash(newer, "ruby api/main.rb:1", message, &["api/main.rb:9 in Array#each"]);
}

#[test]
fn of_exceptions_of_php_the_last_was_thrown() {
    let text = "\
PHP Fatal error:  Uncaught RuntimeException: no
shop in /srv/app/api/lib.php:3
Stack trace:
#0 /srv/app/api/main.php(5): open_shop()
#1 {main}

Next LogicException: could not load in /srv/app/api/lib.php:7
Stack trace:
#0 /srv/app/api/lib.php(10): load()
#1 {main}
  thrown in /srv/app/api/lib.php on line 7
";
    let related = ["api/lib.php:10 in load()", "api/lib.php:3 thrown here"];
    assert_crash(text, "php api/lib.php:7", "LogicException: could not load", &related);
    let plain = "PHP Parse error:  syntax error, unexpected token \"}\" in /srv/app/api/lib.php on line 4\n";
    assert_crash(plain, "php api/lib.php:4", "syntax error, unexpected token \"}\"", &[]);
}

#[test]
fn exceptions_of_dotnet_and_mono_are_read() {
    let mono = "\
Unhandled Exception:
System.InvalidOperationException: could not load ---> System.FormatException: Input string was wrong.
  at System.Int32.Parse (System.String s) [0x00019] in <12b418a7818c4ca0893feeaaf67f1e7f>:0 
  at Shop.Open (System.String s) [0x00002] in /srv/app/api/A.cs:3 
   --- End of inner exception stack trace ---
  at A.Main () [0x00020] in /srv/app/api/A.cs:8 
";
    let message = "System.InvalidOperationException: could not load ---> System.FormatException: Input string was wrong.";
    let related = ["api/A.cs:8 in A.Main ()"];
    assert_crash(mono, "dotnet api/A.cs:3", message, &related);
    let dotnet = "Unhandled exception. System.Exception: no shop\n   at Shop.Open(String s) in /srv/app/api/A.cs:line 3\n";
    assert_crash(dotnet, "dotnet api/A.cs:3", "System.Exception: no shop", &[]);
}

#[test]
fn an_exception_of_elixir_is_read() {
    let text = "** (KeyError) key :missing not found in: %{}\n    :erlang.map_get(:missing, %{})\n    \
                app.exs:3: Shop.open/1\n    app.exs:7: (file)\n";
    let message = "KeyError: key :missing not found in: %{}";
    assert_crash(text, "elixir api/app.exs:3", message, &["api/app.exs:7 in (file)"]);
}

#[test]
fn what_the_sanitizers_report_is_a_crash() {
    let address = "\
=================================================================
==2672==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000020 at pc 0x564e471a4293 bp 0x7ffda0
READ of size 4 at 0x602000000020 thread T0
    #0 0x564e471a4292 in get /srv/app/api/a.c:5
    #1 0x564e471a4341 in main /srv/app/api/a.c:12
    #2 0x7f813b445249 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58

0x602000000020 is located 0 bytes to the right of 16-byte region [0x602000000010,0x602000000020)
allocated by thread T0 here:
    #0 0x7f813beb89cf in __interceptor_malloc ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:69
    #1 0x564e471a42b4 in main /srv/app/api/a.c:8
";
    let related = ["api/a.c:12 in main", "api/a.c:8 in main"];
    assert_crash(address, "sanitizer api/a.c:5", "AddressSanitizer: heap-buffer-overflow", &related);
    let undefined =
        "a.c:10:23: runtime error: signed integer overflow: 2147483647 + 3 cannot be represented\n";
    let message = "runtime error: signed integer overflow: 2147483647 + 3 cannot be represented";
    assert_crash(undefined, "sanitizer api/a.c:10:23", message, &[]);
    let assertion = "a: a.c:11: main: Assertion `p == 0 && \"no memory\"' failed.\n";
    assert_crash(assertion, "sanitizer api/a.c:11", "Assertion `p == 0 && \"no memory\"' failed.", &[]);
}

#[test]
fn a_log_is_no_crash() {
    for line in [
        "com.acme.App: started",
        "INFO at com.acme.App.load(App.java:13) listening",
        "main.rb:5: warning: something",
        "2026/01/02 java.lang.Exception is a class",
        "PHP Warning:  Undefined variable $x in /srv/app/api/lib.php on line 3",
        "a.c:10:23: note: a remark",
    ] {
        assert!(crash(line).is_none(), "{line}");
    }
}

#[test]
fn a_race_in_go_shows_both_accesses() {
    let text = "\
==================
WARNING: DATA RACE
Read at 0x000000620518 by goroutine 7:
  main.add()
      /srv/app/api/shop.go:8 +0x30
  main.main.gowrap1()
      /srv/app/api/main.go:14 +0xe

Previous write at 0x000000620518 by main goroutine:
  main.main()
      /srv/app/api/main.go:15 +0xa5

Goroutine 7 (running) created at:
  main.main()
      /srv/app/api/main.go:14 +0x99
==================
6
Found 1 data race(s)
exit status 66
";
    let message = "DATA RACE: read by goroutine 7, previous write by main goroutine";
    let write = "api/main.go:15 previous write by main goroutine, in main.main";
    assert_crash(text, "go api/shop.go:8", message, &["api/main.go:14 in main.main.gowrap1", write]);
    assert_eq!(crash(text).unwrap().severity, Severity::Warning);
}
