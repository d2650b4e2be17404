//! A web page in one file. Change the greeting, save, and look at the page.

const GREETING: &str = "Hello from reload-lsp";
const ACCENT: &str = "#4f46e5";

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

fn main() -> std::io::Result<()> {
    let port = std::env::var("PORT").unwrap_or_else(|_| "8080".to_owned());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}"))?;
    println!("listening on http://{}", listener.local_addr()?);
    for stream in listener.incoming().flatten() {
        std::thread::spawn(move || answer(stream));
    }
    Ok(())
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    // The rest of the request is read, so that the connection is not reset.
    for line in reader.lines() {
        if line?.is_empty() {
            break;
        }
    }
    let (kind, body) = match request.split(' ').nth(1) {
        Some("/") => ("text/html; charset=utf-8", page()),
        Some("/generation") => ("text/plain", generation()),
        _ => ("text/plain", "there is only one page".to_owned()),
    };
    if request.starts_with("GET / ") {
        println!("somebody looks at the page");
    }
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

/// reload-lsp builds every generation into a folder of its own, named by its number.
fn generation() -> String {
    let program = std::env::current_exe().unwrap_or_default();
    let folder = program.parent().and_then(|folder| folder.file_name());
    folder.map_or_else(|| "?".to_owned(), |name| name.to_string_lossy().into_owned())
}

fn page() -> String {
    let generation = generation();
    format!(
        r##"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{GREETING}</title>
<style>
  :root {{ color-scheme: light dark; --accent: {ACCENT}; }}
  * {{ box-sizing: border-box; }}
  body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
    font: 1.05rem/1.6 system-ui, sans-serif; background: Canvas; color: CanvasText;
    background-image: radial-gradient(60rem 30rem at 50% -10%, color-mix(in srgb, var(--accent) 22%, transparent), transparent); }}
  main {{ width: min(36rem, 100%); padding: 2.5rem; border-radius: 1.25rem; animation: rise .35s ease-out;
    border: 1px solid color-mix(in srgb, CanvasText 14%, transparent);
    background: color-mix(in srgb, Canvas 88%, transparent); box-shadow: 0 1.5rem 4rem rgb(0 0 0 / 12%); }}
  h1 {{ margin: 0 0 .75rem; font-size: clamp(1.8rem, 6vw, 2.75rem); line-height: 1.15; letter-spacing: -.02em; }}
  p {{ margin: 0 0 1.5rem; }}
  code {{ font: .92em ui-monospace, monospace; color: var(--accent); }}
  .generation {{ display: inline-flex; align-items: center; gap: .55rem; padding: .3rem .9rem; border-radius: 2rem;
    font-size: .92rem; font-variant-numeric: tabular-nums; color: white; background: var(--accent); }}
  .generation::before {{ content: ""; width: .5rem; height: .5rem; border-radius: 50%; background: #86efac; }}
  .away .generation::before {{ background: #fbbf24; }}
  @keyframes rise {{ from {{ opacity: 0; transform: translateY(.75rem); }} }}
  @media (prefers-reduced-motion: reduce) {{ main {{ animation: none; }} }}
</style>
<main>
  <h1>{GREETING}</h1>
  <p>This page is one Rust file, <code>main.rs</code>. Change <code>GREETING</code> or <code>ACCENT</code> in it and save:
    the page follows. Save a mistake, and this version stays.</p>
  <span class="generation">generation {generation}</span>
</main>
<script>
  // The page asks which generation answers, and loads itself again when it is another.
  setInterval(async () => {{
    try {{
      const answer = await fetch("/generation", {{ cache: "no-store" }});
      document.body.classList.remove("away");
      if (await answer.text() !== "{generation}") location.reload();
    }} catch {{
      document.body.classList.add("away");
    }}
  }}, 250);
</script>
</html>
"##
    )
}
