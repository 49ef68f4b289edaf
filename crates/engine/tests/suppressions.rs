//! Findings that a person has accepted: in which words, how far it reaches, and what is said of words that reach nothing.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use support::{OPEN_GROUP, OPEN_TEMPLATE, SSH, memory, only, position, scan, scan_with, told};
use terravet_engine::{Options, Scan};

/// The open group with text before a line of it, counted from 1.
fn with_line(number: usize, line: &str) -> String {
    let mut lines: Vec<&str> = OPEN_GROUP.lines().collect();
    lines.insert(number - 1, line);
    lines.join("\n") + "\n"
}

/// The open group with text at the end of a line of it.
fn with_end(number: usize, end: &str) -> String {
    let mut lines: Vec<String> = OPEN_GROUP.lines().map(str::to_owned).collect();
    lines[number - 1].push_str(end);
    lines.join("\n") + "\n"
}

/// Each accepted finding with the place and the reason.
fn accepted(scan: &Scan) -> Vec<String> {
    let each = scan.outcome.suppressed.iter().map(|diagnostic| {
        let finding = diagnostic.finding().unwrap();
        let by = finding.accepted.as_ref().unwrap();
        format!("{} by {} {}", finding.resource.address, position(scan, by.span), by.text).trim().to_owned()
    });
    each.collect()
}

/// What a scan of one file of Terraform leaves and accepts.
fn counts(text: &str) -> (usize, usize) {
    let scan = scan(SSH, &[("main.tf", text)]);
    (scan.outcome.findings().count(), scan.outcome.suppressed.len())
}

#[test]
fn an_own_comment_reaches_what_begins_on_its_line_or_below_it() {
    let comment = format!("# terravet:allow[{SSH}] only in the laboratory");
    for text in [
        with_line(1, &comment),
        with_line(2, &comment),
        with_line(6, &comment),
        with_end(1, &format!(" {comment}")),
        with_end(2, &format!(" {comment}")),
        with_end(6, &format!(" {comment}")),
        format!("{comment}\n# and more about the group\n\n{OPEN_GROUP}"),
    ] {
        assert_eq!(counts(&text), (0, 1), "{text}");
    }
    for text in [with_line(3, &comment), with_end(3, &comment), format!("{comment}\nlocals {{}}\n{OPEN_GROUP}")] {
        assert_eq!(counts(&text), (1, 0), "{text}");
    }
    let scan = scan(SSH, &[("main.tf", &with_line(6, &comment))]);
    assert_eq!(accepted(&scan), ["aws_security_group.ssh by main.tf:6:1 only in the laboratory"]);
    assert_eq!(scan.outcome.summary.by_severity.values().sum::<usize>(), 0);
}

#[test]
fn a_name_may_be_a_pattern_or_another_tools_id() {
    for name in [SSH, "aws-ec2-*", "CKV_AWS_24", "checkov:CKV_AWS_24", "aws-s3-bucket-public-acl, CKV_AWS_24"] {
        assert_eq!(counts(&with_line(1, &format!("# terravet:allow[{name}] for a reason"))), (0, 1), "{name}");
    }
    assert_eq!(counts(&with_line(1, "# terravet:allow[aws-s3-bucket-public-acl] for a reason")), (1, 0));
}

#[test]
fn other_tools_comments_mean_what_they_mean_there() {
    // Checkov: anywhere within the resource.
    assert_eq!(counts(&with_line(5, "#checkov:skip=CKV_AWS_24:a bastion")), (0, 1));
    assert_eq!(counts(&with_line(1, "#checkov:skip=CKV_AWS_24:a bastion")), (1, 0));
    assert_eq!(counts(&with_line(5, "#checkov:skip=CKV_AWS_25:something else")), (1, 0));
    // tfsec and Trivy: on the line or above it, by the id or a longer name.
    for name in ["AVD-AWS-0107", "AWS-0107", "aws-ec2-no-public-ingress-sgr", "aws-ec2-*", "*"] {
        assert_eq!(counts(&with_end(6, &format!(" #tfsec:ignore:{name}"))), (0, 1), "{name}");
    }
    assert_eq!(counts(&with_line(1, "#trivy:ignore:AWS-0107")), (0, 1));
    assert_eq!(counts(&with_line(4, "#trivy:ignore:AWS-0107")), (1, 0));
    // KICS: the file, the next block, the next line.
    assert_eq!(counts(&with_line(1, "# kics-scan disable=65905cec-d691-4320-b320-2000436cb696")), (0, 1));
    assert_eq!(counts(&with_line(2, "# kics-scan ignore-block")), (0, 1));
    assert_eq!(counts(&with_line(6, "# kics-scan ignore-line")), (0, 1));
    assert_eq!(counts(&with_line(2, "# kics-scan ignore-line")), (1, 0));
    // Terrascan: within the resource.
    assert_eq!(counts(&with_line(3, "#ts:skip=AC_AWS_0227 a bastion")), (0, 1));
}

#[test]
fn what_has_expired_is_reported_again() {
    let text = with_line(1, "#trivy:ignore:AWS-0107:exp:2026-06-01");
    let on = |today: &str| {
        let options = Options { today: today.to_owned(), ..only(SSH) };
        scan_with(options, memory(&[("main.tf", &text)])).outcome.suppressed.len()
    };
    assert_eq!((on("2026-05-31"), on("2026-06-01"), on("")), (1, 0, 1));
}

#[test]
fn a_call_that_accepts_accepts_for_its_module_and_for_no_other() {
    let call = |name: &str, comment: &str| format!("{comment}module \"{name}\" {{\n  source = \"./group\"\n}}\n");
    let comment = format!("# terravet:allow[{SSH}] reviewed\n");
    let root = call("open", &comment) + &call("other", "");
    let scan = scan(SSH, &[("main.tf", &root), ("group/main.tf", OPEN_GROUP)]);
    assert_eq!(accepted(&scan), ["module.open.aws_security_group.ssh by main.tf:1:1 reviewed"]);
    let left: Vec<&str> = scan.outcome.findings().map(|found| &*found.finding().unwrap().resource.address).collect();
    assert_eq!(left, ["module.other.aws_security_group.ssh"]);
}

#[test]
fn templates_accept_in_comments_and_in_metadata() {
    let with = |before: &str, text: &str| OPEN_TEMPLATE.replacen(before, &format!("{text}{before}"), 1);
    let kept = |text: &str| {
        let scan = scan(SSH, &[("stack.yaml", text)]);
        (scan.outcome.findings().count(), scan.outcome.suppressed.len())
    };
    let own = format!("# terravet:allow[{SSH}] a laboratory\n");
    assert_eq!(kept(&with("  Group:", &format!("  {own}"))), (0, 1));
    assert_eq!(kept(&with("          CidrIp", &format!("          {own}"))), (0, 1));
    assert_eq!(kept(&with("        - IpProtocol", &format!("        {own}"))), (0, 1));
    assert_eq!(kept(&with("          ToPort", &format!("          {own}"))), (1, 0));
    assert_eq!(kept(&with("    Properties:", "    # checkov:skip=CKV_AWS_24:a bastion\n")), (0, 1));
    assert_eq!(kept(&format!("{OPEN_TEMPLATE}    # checkov:skip=CKV_AWS_24:a bastion\n")), (0, 1));
    for metadata in [
        format!("terravet: {{ allow: [{{ rule: {SSH}, reason: a laboratory }}] }}"),
        "checkov: { skip: [{ id: CKV_AWS_24, comment: a laboratory }] }".to_owned(),
        "cfn_nag: { rules_to_suppress: [{ id: W2, reason: a laboratory }, { id: F1000 }] }".to_owned(),
    ] {
        let text = with("    Properties:", &format!("    Metadata:\n      {metadata}\n"));
        let rule = if metadata.starts_with("cfn_nag") { "cfn_nag:W2" } else { SSH };
        let scan = scan(rule, &[("stack.yaml", &text)]);
        assert_eq!(scan.outcome.findings().count(), 0, "{metadata}");
        assert_eq!(accepted(&scan).len(), 1, "{metadata}");
        assert!(accepted(&scan)[0].ends_with(" a laboratory"), "{:?}", accepted(&scan));
    }
}

#[test]
fn json_accepts_in_what_stands_for_comments() {
    let group = |comment: &str| {
        format!(
            r#"{{"resource": {{"aws_security_group": {{"ssh": {{{comment}
  "ingress": [{{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}}]}}}}}}}}"#
        )
    };
    for comment in ["checkov:skip=CKV_AWS_24:a bastion", &format!("terravet:allow[{SSH}] a bastion")] {
        let scan = scan(SSH, &[("main.tf.json", &group(&format!("\"//\": \"{comment}\",")))]);
        assert_eq!((scan.outcome.findings().count(), scan.outcome.suppressed.len()), (0, 1), "{comment}");
    }
}

#[test]
fn own_comments_that_do_nothing_are_told() {
    let notes = |line: &str| told(&scan(SSH, &[("main.tf", &with_line(1, line))]))[..].to_vec();
    let first = |line: &str| notes(line).into_iter().next().unwrap();
    assert_eq!(
        first("# terravet:allow[aws-ec2-security-group-ssh-open-to-wrold] typo"),
        "main.tf:1:1 suppression-unknown-rule: there is no rule `aws-ec2-security-group-ssh-open-to-wrold` to allow (note)"
    );
    assert_eq!(
        notes(&format!("# terravet:allow[{SSH}]")),
        ["main.tf:1:1 suppression-without-reason: this allows something and does not say why (note)"]
    );
    let unused = format!("# terravet:allow[{SSH}] no longer needed\nlocals {{}}\n");
    assert_eq!(
        told(&scan(SSH, &[("main.tf", &(unused.clone() + OPEN_GROUP))]))[0],
        "main.tf:1:1 suppression-unused: there is nothing to allow here (note)"
    );
    // A rule that did not run says nothing of what it would find.
    let other = scan("aws-ec2-security-group-rdp-open-to-world", &[("main.tf", &(unused + OPEN_GROUP))]);
    assert_eq!(told(&other), Vec::<String>::new());
}

#[test]
fn a_template_is_read_as_what_it_is_whatever_it_is_called() {
    let text = "{\t\"Resources\": {\"Group\": {\"Type\": \"AWS::EC2::SecurityGroup\",
\t\"Metadata\": {\"cfn_nag\": {\"rules_to_suppress\": [{\"id\": \"W2\", \"reason\": \"a laboratory\"}]}},
\t\"Properties\": {\"GroupDescription\": \"ssh\", \"SecurityGroupIngress\":
\t\t[{\"IpProtocol\": \"tcp\", \"FromPort\": 22, \"ToPort\": 22, \"CidrIp\": \"0.0.0.0/0\"}]}}}}";
    for name in ["stack.json", "stack.template"] {
        let scan = scan("cfn_nag:W2", &[(name, text)]);
        assert_eq!((scan.outcome.findings().count(), accepted(&scan).len()), (0, 1), "{name}");
    }
}
