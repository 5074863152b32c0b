//! `sluice doctor`: what is wrong, here and on the server, and what to do about it.

use std::path::Path;

use sluice_client::{
    Client, ClientError,
    v1::{Finding, JobsListRequest, Reason, Verdict},
};

use super::{
    Ending,
    failure::Failure,
    output::Output,
    render::{advice, json, text::clean},
    settings::Settings,
};

pub(crate) async fn run(settings: Settings, output: &Output) -> Result<Ending, Failure> {
    let mut findings = local(&settings);
    match settings.options().map(Client::connect) {
        Err(failure) => findings.push(bad("server", failure.what(), &failure.remedy())),
        Ok(connecting) => match connecting.await {
            Err(error) => findings.push(refused("server", &error)),
            Ok(client) => {
                let server = &settings.server;
                findings.push(good(
                    "server",
                    format!("{server} answers ({})", settings.server_from),
                ));
                findings.extend(remote(&settings, &client).await);
            }
        },
    }
    for finding in &findings {
        show(finding, output)?;
    }
    let sick = findings
        .iter()
        .any(|finding| finding.verdict() == Verdict::Bad);
    Ok(if sick { Ending::Failed } else { Ending::Good })
}

/// What can be said without a server.
fn local(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![match (&settings.config, &settings.config_expected) {
        (Some(path), _) if others_can_read(path) => finding(
            "configuration",
            Verdict::Warning,
            format!("{} can be read by other users", path.display()),
            "If it holds a token, make it readable by you alone (mode 600).",
        ),
        (Some(path), _) => good("configuration", format!("{} is used", path.display())),
        (None, Some(path)) => good(
            "configuration",
            format!("none at {}, none needed", path.display()),
        ),
        (None, None) => good("configuration", "none, none needed"),
    }];
    let address = settings
        .options()
        .and_then(|options| Ok(options.address()?));
    findings.push(match address {
        Ok(address) if address.starts_with("https://") => {
            good("encryption", "the line is encrypted")
        }
        Ok(_) if !settings.insecure() => good("encryption", "none, the server is on this machine"),
        Ok(_) => finding(
            "encryption",
            Verdict::Warning,
            "none, and --insecure allows it to any machine",
            "Give the server a certificate and use https.",
        ),
        Err(failure) => bad("encryption", failure.what(), &failure.remedy()),
    });
    findings
}

/// What the server says.
async fn remote(settings: &Settings, client: &Client) -> Vec<Finding> {
    let probe = JobsListRequest::default();
    if let Err(error) = client.jobs(probe, 1).await {
        return vec![refused("token", &error)];
    }
    let mut findings = vec![good(
        "token",
        format!("it is good ({})", settings.token_from),
    )];
    match client.check().await {
        Ok(answer) => {
            findings.push(versions(&answer.server_version));
            findings.extend(answer.findings);
        }
        Err(error) if error.reason == Some(Reason::NotAllowed) => findings.push(finding(
            "diagnostics",
            Verdict::Warning,
            "this token may not ask the server about itself",
            "Run it with the admin's token for the whole picture.",
        )),
        Err(error) => findings.push(refused("diagnostics", &error)),
    }
    findings
}

fn versions(server: &str) -> Finding {
    let ours = env!("CARGO_PKG_VERSION");
    if server == ours {
        return good("versions", format!("server and command line are {ours}"));
    }
    finding(
        "versions",
        Verdict::Warning,
        format!("the server is {server}, this command line is {ours}"),
        "Use the command line that came with the server.",
    )
}

fn show(finding: &Finding, output: &Output) -> Result<(), Failure> {
    if output.is_json() {
        output.value(&json::finding(finding))?;
        return Ok(());
    }
    let verdict = match finding.verdict() {
        Verdict::Good => "good",
        Verdict::Warning => "warning",
        Verdict::Bad => "BAD",
        Verdict::Unspecified => "-",
    };
    output.line(&format!(
        "{verdict:<8} {:<16} {}",
        clean(&finding.name),
        clean(&finding.message)
    ))?;
    if !finding.remedy.is_empty() {
        output.line(&format!("{:<25} -> {}", "", clean(&finding.remedy)))?;
    }
    Ok(())
}

fn finding(name: &str, verdict: Verdict, message: impl Into<String>, remedy: &str) -> Finding {
    Finding {
        name: name.to_owned(),
        verdict: verdict.into(),
        message: message.into(),
        remedy: remedy.to_owned(),
    }
}

fn good(name: &str, message: impl Into<String>) -> Finding {
    finding(name, Verdict::Good, message, "")
}

fn bad(name: &str, message: impl Into<String>, remedy: &str) -> Finding {
    finding(name, Verdict::Bad, message, remedy)
}

fn refused(name: &str, error: &ClientError) -> Finding {
    bad(name, error.message.clone(), &advice::remedy(error))
}

fn others_can_read(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata()
        .is_ok_and(|metadata| metadata.permissions().mode() & 0o044 != 0)
}
