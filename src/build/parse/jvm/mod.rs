//! Java and Kotlin, and what builds them. Read by `Parser`.

mod gradle;
mod javac;
mod kotlin;
mod maven;

use super::formats::Row;

pub(super) const ROWS: &[Row] = &[
    Row { name: "maven", commands: MAVEN, make: || Box::<maven::Maven>::default() },
    Row { name: "gradle", commands: GRADLE, make: || Box::<gradle::Gradle>::default() },
    Row { name: "kotlin", commands: GRADLE, make: || Box::<kotlin::Kotlin>::default() },
    Row { name: "javac", commands: JAVA, make: || Box::<javac::Javac>::default() },
];

const GRADLE: &[&str] = &["gradle", "gradlew"];
const JAVA: &[&str] =
    &["javac", "javadoc", "scalac", "ant", "mvn", "mvnw", "mvnd", "gradle", "gradlew", "kotlinc", "sbt"];
const MAVEN: &[&str] = &["mvn", "mvnw", "mvnd"];
