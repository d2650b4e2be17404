//! A TypeScript project behind a script of package.json, with a configuration that extends another.

use super::*;

#[tokio::test]
#[ignore = "needs Node and TypeScript: tests/run runs it"]
async fn what_tsc_reads_counts_and_its_neighbors_do_not() {
    let project = Project::of(&[
        ("package.json", r#"{"private": true, "scripts": {"build": "tsc -p . --outDir build"}}"#),
        (
            "tsconfig.json",
            "{\n  // Comments are allowed.\n  \"extends\": \"./base.json\",\n  \"files\": [\"src/main.ts\"],\n}\n",
        ),
        (
            "base.json",
            r#"{"compilerOptions": {"module": "commonjs", "target": "es2022", "rootDir": "src", "types": [], "resolveJsonModule": true}}"#,
        ),
        (
            "src/main.ts",
            "import { part } from './deep/part';\nimport * as data from './data.json';\nexport const all = [part, data];\n",
        ),
        ("src/deep/part.ts", "export const part = 1;\n"),
        ("src/data.json", "{\"a\": 1}"),
        ("src/unused.ts", "export const unused = 1;\n"),
        ("src/unused.json", "{}"),
        (".gitignore", "build\nnode_modules\n"),
        ("reload.toml", &api("npm run --silent build")),
    ]);
    let modules = std::env::var_os("NODE_PATH").expect("NODE_PATH names the packages of tests/clients/node");
    std::os::unix::fs::symlink(modules, project.path("node_modules")).unwrap();
    let part = project.path("src/deep/part.ts");
    let mut story = Story::begin(project, "tsc", &part).await;
    let path = |name: &str| story.project.path(name);
    let (unused, unused_data) = (path("src/unused.ts"), path("src/unused.json"));
    let base = story.project.read("base.json").replace("es2022", "es2021");
    let changes = [
        (part.clone(), "export const part = 2;\n"),
        (path("src/data.json"), "{\"a\": 2}"),
        (path("src/new.ts"), "export const part = 2;\n"),
        (path("base.json"), &base),
    ];
    for (changed, text) in changes {
        story.only(&[&unused, &unused_data], &changed, text).await;
    }
    story.end().await;
}
