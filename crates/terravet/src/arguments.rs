//! The arguments, as clap reads them, with the help that it shows.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use terravet_diagnostics::{Profile, Severity};

const EXAMPLES: &str = "\
Examples:
  terravet                                  scan the current folder
  terravet infra/ template.yaml             scan a folder and a template
  terravet --min-severity high --format sarif --output terravet.sarif
  terravet --select 'aws-s3-*' --ignore CKV_AWS_18
  terravet --var-file prod.tfvars --var region=eu-west-1 infra/
  terravet --parameters prod.json template.yaml
  terravet explain aws-s3-bucket-without-encryption
  terravet rules encryption                 every rule that speaks of encryption

Rules are named by their id, by a pattern (aws-iam-*), or by the id that Checkov, Trivy, KICS or
cfn-nag has for the same thing (checkov:CKV_AWS_19, or CKV_AWS_19 where that is clear).

Exit status:
  0  nothing found at or above --fail-on
  1  something found
  2  wrong usage, or an internal error
  3  nothing found, but some input could not be read, or there was nothing to scan";

const REACH_EXAMPLES: &str = "\
Examples:
  terravet reach                            everything that the internet reaches
  terravet reach --to aws_db_instance.main  can the internet reach the database, and why (not)
  terravet reach --from aws_instance.web --to aws_db_instance.main --port tcp/5432
  terravet reach --to Database --transitive also over machines that are reached on the way

The port is that at the destination: behind a load balancer the port of the target, for a function that of the
listener. docs/exposure.md says what is modelled.";

/// Finds what is dangerous in Terraform and CloudFormation before it is applied.
///
/// Reads every Terraform root module and CloudFormation template below the given paths, evaluates them as the real tools would,
/// and reports what is certainly wrong, where it was written, and how to mend it. Never talks to the network.
// The first argument that is no option names the command; without one, `scan` is meant: see `with_command_first`.
#[derive(Debug, Parser)]
#[command(name = "terravet", version, after_long_help = EXAMPLES, after_help = "Try --help for examples and exit statuses.")]
#[command(max_term_width = 100)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    #[command(flatten)]
    pub(crate) scan: Scan,

    /// When to use colour
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true, value_name = "WHEN")]
    pub(crate) color: Color,

    /// Work on so many threads [default: one for each processor]
    #[arg(long, global = true, value_name = "N", value_parser = threads)]
    pub(crate) threads: Option<usize>,
}

impl CommandLine {
    /// Reads the arguments of the process.
    ///
    /// # Errors
    /// clap's refusal, or its answer to `--help` and `--version`.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        let given: Vec<OsString> = std::env::args_os().map(as_terraform_writes_it).collect();
        Self::try_parse_from(with_command_first(given, &Self::command()))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Scan files and folders (also done without a command)
    #[command(after_long_help = EXAMPLES)]
    Scan(Scan),
    /// Show a rule's page: the risk, the remedy, examples
    Explain(Explain),
    /// List the rules
    Rules(Rules),
    /// Show what was evaluated: resources, attributes, references
    Graph(Graph),
    /// Show what expressions are worth in a module or template
    Eval(Eval),
    /// Show who may do something to a resource
    WhoCan(WhoCan),
    /// Show what a principal may do, worst first
    Can(Can),
    /// Show who can open connections to whom, on which path, or what blocks them
    #[command(after_long_help = REACH_EXAMPLES)]
    Reach(Reach),
    /// Write the completion script of a shell to standard output
    Completions(Completions),
    /// Write the manual: one page for each command into a folder
    Man(Manual),
}

#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct Scan {
    /// Files and folders [default: the current folder]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// How to write the report
    #[arg(long, short, value_enum, default_value_t = ReportFormat::Text, help_heading = "Report")]
    pub(crate) format: ReportFormat,

    /// Write the report to a file
    #[arg(long, short, value_name = "FILE", help_heading = "Report")]
    pub(crate) output: Option<PathBuf>,

    /// List what is only counted otherwise
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT", help_heading = "Report")]
    pub(crate) show: Vec<Show>,

    /// Run these rules, whatever their profile
    #[arg(long, value_delimiter = ',', value_name = "RULE", help_heading = "Rules")]
    pub(crate) select: Vec<String>,

    /// Do not run these rules
    #[arg(long, value_delimiter = ',', value_name = "RULE", help_heading = "Rules")]
    pub(crate) ignore: Vec<String>,

    /// Run the rules of this profile: recommended, strict (more, less certain) or account (baseline of an account)
    #[arg(long, default_value_t = Profile::Recommended, value_name = "PROFILE", help_heading = "Rules")]
    pub(crate) profile: Profile,

    /// Load rule pages from a folder as well
    #[arg(long, value_name = "DIR", help_heading = "Rules")]
    pub(crate) rules: Vec<PathBuf>,

    /// Leave out findings below this severity
    #[arg(long, value_name = "SEVERITY", help_heading = "Rules")]
    pub(crate) min_severity: Option<Severity>,

    /// End with status 1 for findings from this severity on
    #[arg(long, value_name = "SEVERITY", default_value_t = Severity::Low, help_heading = "Rules")]
    pub(crate) fail_on: Severity,

    #[command(flatten)]
    pub(crate) inputs: Inputs,

    /// End with status 0 where there is nothing to scan
    #[arg(long)]
    pub(crate) allow_empty: bool,
}

/// Values for what the configuration leaves open.
#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct Inputs {
    /// Give a Terraform variable a value
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Inputs")]
    pub(crate) var: Vec<String>,

    /// Read values of Terraform variables from a file
    #[arg(long, value_name = "FILE", help_heading = "Inputs")]
    pub(crate) var_file: Vec<PathBuf>,

    /// Read values of CloudFormation parameters from a file
    #[arg(long, value_name = "FILE", help_heading = "Inputs")]
    pub(crate) parameters: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The rule: its id, a pattern, or another tool's id
    #[arg(value_name = "RULE", required = true)]
    pub(crate) names: Vec<String>,

    /// Load rule pages from a folder as well
    #[arg(long, value_name = "DIR")]
    pub(crate) rules: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Rules {
    /// Words that the id, the title or the summary must hold, or another tool's id
    #[arg(value_name = "TEXT")]
    pub(crate) words: Vec<String>,

    /// Only rules of this service, such as s3
    #[arg(long, value_delimiter = ',')]
    pub(crate) service: Vec<String>,

    /// Only rules of this severity
    #[arg(long, value_delimiter = ',')]
    pub(crate) severity: Vec<Severity>,

    /// Only rules of this profile
    #[arg(long, value_delimiter = ',')]
    pub(crate) profile: Vec<Profile>,

    /// How to write the list
    #[arg(long, short, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,

    /// Load rule pages from a folder as well
    #[arg(long, value_name = "DIR")]
    pub(crate) rules: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Graph {
    /// Files and folders [default: the current folder]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// How to write the graph: text, json, dot or mermaid
    #[arg(long, short, default_value = "text")]
    pub(crate) format: terravet_report::graph::Format,

    /// Write to a file
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) inputs: Inputs,
}

#[derive(Debug, Args)]
pub(crate) struct Eval {
    /// The expressions: Terraform's, or for a template JSON or YAML with intrinsic functions
    #[arg(value_name = "EXPR", required_unless_present = "stdin")]
    pub(crate) expressions: Vec<String>,

    /// The folder of the Terraform module to evaluate in
    #[arg(long, value_name = "DIR", default_value = ".", conflicts_with = "template")]
    pub(crate) dir: PathBuf,

    /// The CloudFormation template to evaluate in
    #[arg(long, value_name = "FILE")]
    pub(crate) template: Option<PathBuf>,

    /// Read expressions as lines of JSON ({"id": ..., "expr": "..."}) and answer in lines of JSON
    #[arg(long, conflicts_with = "expressions")]
    pub(crate) stdin: bool,

    /// How to write the values
    #[arg(long, short, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,

    #[command(flatten)]
    pub(crate) inputs: Inputs,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct Manual {
    /// The folder, such as /usr/local/share/man/man1
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Can {
    /// The user or role: its address, logical id or ARN, or the address of what runs as a role
    #[arg(value_name = "PRINCIPAL")]
    pub(crate) principal: String,

    /// File or folder [default: the current folder]
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<PathBuf>,

    /// How to write the answer
    #[arg(long, short, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,

    #[command(flatten)]
    pub(crate) inputs: Inputs,
}

#[derive(Debug, Args)]
pub(crate) struct WhoCan {
    /// The action, such as s3:GetObject, or a pattern of actions (s3:Get*), all of which are asked for
    #[arg(value_name = "ACTION")]
    pub(crate) action: String,

    /// The resource: an address, a logical id or an ARN
    #[arg(value_name = "RESOURCE")]
    pub(crate) resource: String,

    /// File or folder [default: the current folder]
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<PathBuf>,

    /// Count what principals may do through roles that they may assume
    #[arg(long)]
    pub(crate) transitive: bool,

    /// How to write the answers
    #[arg(long, short, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,

    #[command(flatten)]
    pub(crate) inputs: Inputs,
}

#[derive(Debug, Args)]
pub(crate) struct Reach {
    /// Files and folders [default: the current folder]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// The sender: internet, or the address of a resource
    #[arg(long, value_name = "ADDRESS", default_value = "internet")]
    pub(crate) from: String,

    /// The destination: the address of a resource [default: everything that is reachable]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) to: Option<String>,

    /// The protocol and port at the destination, such as tcp/22, or icmp [default: every one]
    #[arg(long, value_name = "PROTOCOL/PORT")]
    pub(crate) port: Option<String>,

    /// Count what is reachable from machines that are reached on the way
    #[arg(long)]
    pub(crate) transitive: bool,

    /// How to write the answers
    #[arg(long, short, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,

    #[command(flatten)]
    pub(crate) inputs: Inputs,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people: each finding with its source
    Text,
    /// One line for each finding
    Concise,
    /// For programs: docs/json.md
    Json,
    /// For programs that read as they go: one JSON object on each line
    Jsonl,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// Workflow commands, which GitHub shows as annotations
    Github,
    /// GitLab's Code Quality report
    Gitlab,
    /// GitLab's SAST report
    GitlabSast,
    /// Test results: JUnit XML
    Junit,
    /// Checkstyle XML
    Checkstyle,
    /// A table for spreadsheets
    Csv,
    /// A summary for a job or a comment
    Markdown,
}

/// The forms of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// What can be listed beside findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Show {
    /// Judgements that could not be made because a value is not known
    Undecided,
    /// Findings that were suppressed
    Suppressed,
    /// All notes, and not only the first few
    Notes,
}

/// The arguments with the command in front: the first argument that is neither an option nor the value of one, where it names a
/// command, and `scan` otherwise. Options may so stand before the command, and a value or a path may be called like one
/// (`-o graph`, `infra rules`).
///
/// What only asks for help or the version is left alone, so that the answer is about the program as a whole.
fn with_command_first(mut arguments: Vec<OsString>, program: &clap::Command) -> Vec<OsString> {
    let asks = |argument: &OsString| matches!(argument.to_str(), Some("-h" | "--help" | "-V" | "--version"));
    let position = first_positional(&arguments, program);
    let name = position.and_then(|at| arguments[at].to_str().filter(|name| is_command(program, name)));
    match (position, name) {
        (Some(at), Some(_)) => arguments[1..=at].rotate_right(1),
        _ if arguments.iter().skip(1).any(asks) => {}
        _ => arguments.insert(1.min(arguments.len()), "scan".into()),
    }
    arguments
}

fn is_command(program: &clap::Command, name: &str) -> bool {
    name == "help" || program.find_subcommand(name).is_some()
}

/// The index of the first argument that is neither an option nor the value of one; after `--` everything is a path.
fn first_positional(arguments: &[OsString], program: &clap::Command) -> Option<usize> {
    let mut at = 1;
    while let Some(argument) = arguments.get(at) {
        match argument.to_str() {
            Some("--") => return None,
            Some(text) if text.starts_with('-') && text.len() > 1 => {
                at += if awaits_value(text, program) { 2 } else { 1 }
            }
            _ => return Some(at),
        }
    }
    None
}

/// Whether the value of an option is the next argument. What an option takes is the same for every command that has it.
fn awaits_value(option: &str, program: &clap::Command) -> bool {
    let all = || program.get_subcommands().flat_map(clap::Command::get_arguments).chain(program.get_arguments());
    let takes = |found: Option<&clap::Arg>| found.is_some_and(|argument| argument.get_action().takes_values());
    match option.strip_prefix("--") {
        Some(long) => !long.contains('=') && takes(all().find(|argument| argument.get_long() == Some(long))),
        // Of short options in one word (`-fjson`, `-fo`), the first that takes a value takes the rest of the word.
        None => {
            let mut letters = option[1..].chars();
            let first = letters.find(|letter| takes(all().find(|argument| argument.get_short() == Some(*letter))));
            first.is_some() && letters.next().is_none()
        }
    }
}

/// The command that was probably meant by a path where there is nothing.
pub(crate) fn near_command(name: &str) -> Option<String> {
    let program = CommandLine::command();
    terravet_diagnostics::did_you_mean(name, program.get_subcommands().map(clap::Command::get_name))
}

/// Takes `-var` and `-var-file`, which is how Terraform writes them, for the options with two dashes.
fn as_terraform_writes_it(argument: OsString) -> OsString {
    let text = argument.to_str().unwrap_or_default();
    let name = text.split_once('=').map_or(text, |(name, _)| name);
    if matches!(name, "-var" | "-var-file") { format!("-{text}").into() } else { argument }
}

fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if (1..=1024).contains(&number) => Ok(number),
        _ => Err("give a number from 1 to 1024".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_hold_together() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn scan_is_the_command_where_none_is_named() {
        let scan = scan_of("--select a,b infra --threads 2");
        assert_eq!((scan.select, scan.paths), (vec!["a".to_owned(), "b".to_owned()], vec![PathBuf::from("infra")]));
    }

    #[test]
    fn variables_may_be_given_as_to_terraform() {
        let given = ["terravet", "graph", "-var", "a=b", "-var-file=c.tfvars", "-f", "json"].map(OsString::from);
        let parsed = CommandLine::try_parse_from(given.map(as_terraform_writes_it)).unwrap();
        let Some(Command::Graph(graph)) = parsed.command else { panic!("{parsed:?}") };
        assert_eq!(graph.inputs.var, ["a=b"]);
        assert_eq!(graph.inputs.var_file, [PathBuf::from("c.tfvars")]);
    }

    fn read(line: &str) -> Result<CommandLine, clap::Error> {
        let given = std::iter::once("terravet").chain(line.split_whitespace()).map(OsString::from).collect();
        CommandLine::try_parse_from(with_command_first(given, &CommandLine::command()))
    }

    fn scan_of(line: &str) -> Scan {
        match read(line).unwrap().command {
            Some(Command::Scan(scan)) => scan,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn a_value_or_a_path_may_be_called_like_a_command() {
        let scan = scan_of("-o graph infra");
        assert_eq!((scan.output, scan.paths), (Some(PathBuf::from("graph")), vec![PathBuf::from("infra")]));
        let scan = scan_of("--rules rules infra");
        assert_eq!((scan.rules, scan.paths), (vec![PathBuf::from("rules")], vec![PathBuf::from("infra")]));
        assert_eq!(scan_of("infra rules").paths, [PathBuf::from("infra"), PathBuf::from("rules")]);
        assert_eq!(scan_of("-- rules").paths, [PathBuf::from("rules")]);
        assert_eq!(scan_of("scan rules").paths, [PathBuf::from("rules")]);
        assert_eq!(scan_of("-fjson ./rules").paths, [PathBuf::from("./rules")]);
    }

    #[test]
    fn options_may_stand_before_the_command() {
        let Some(Command::Rules(rules)) = read("--color never --format json rules s3").unwrap().command else {
            panic!()
        };
        assert_eq!((rules.format, rules.words), (ListFormat::Json, vec!["s3".to_owned()]));
        // An option that the command does not have is refused as one of that command.
        let refusal = read("--select x rules").unwrap_err().to_string();
        assert!(refusal.contains("--select") && refusal.contains("terravet rules"), "{refusal}");
    }

    #[test]
    fn nothing_at_all_is_a_scan_of_this_folder_and_help_is_about_the_program() {
        assert_eq!(scan_of("").paths, Vec::<PathBuf>::new());
        assert_eq!(read("--help").unwrap_err().kind(), clap::error::ErrorKind::DisplayHelp);
        assert_eq!(read("--version").unwrap_err().kind(), clap::error::ErrorKind::DisplayVersion);
    }

    #[test]
    fn a_misspelt_command_is_recognised() {
        assert_eq!(near_command("scna").unwrap(), "did you mean `scan`?");
        assert_eq!(near_command("modules"), None);
    }
}
