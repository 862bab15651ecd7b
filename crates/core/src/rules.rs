//! What must hold of a configuration and its secrets: ARCHI-CFG-005, 006, 007 and 013.

use crate::facts::{ConfigFacts, SecretFacts, SecretFileFacts, SecretFileKind, SecretState};
use crate::hardening::{Evidence, Observed, Remedy, Rule, RuleInfo, Severity, Verdict};
use crate::secret::KeyStrength;

/// The rules of configuration and secrets.
pub static RULES: &[Rule<ConfigFacts>] = &[
    Rule {
        info: RuleInfo {
            id: "ARCHI-CFG-005",
            title: "required secrets are given",
            severity: Severity::High,
            why: "a service that starts without a secret falls back on something that everybody knows",
            check: "every secret that the profile requires has a value",
            remedy: "set the variable of the secret, or the one that names its file",
            checklist: &["CFG.c"],
            references: &["ASVS 16.5.3"],
            waivable: false,
        },
        judge: secrets_are_given,
        remedy: give_secrets,
    },
    Rule {
        info: RuleInfo {
            id: "ARCHI-CFG-006",
            title: "no malformed setting is accepted",
            severity: Severity::High,
            why: "a value that is read in another way than it was meant protects nothing",
            check: "every value that a source gives is of the form and within the range of its setting",
            remedy: "correct the value; the list of problems says what each setting accepts",
            checklist: &["CFG.c", "CFG.e"],
            references: &["ASVS 16.5.3"],
            waivable: false,
        },
        judge: nothing_is_malformed,
        remedy: mend_malformed,
    },
    Rule {
        info: RuleInfo {
            id: "ARCHI-CFG-007",
            title: "keys are 32 random bytes or more",
            severity: Severity::High,
            why: "who guesses a signing key is every user at once",
            check: "decoded from hex, base64 or base64url, a key has 32 bytes, and is no placeholder, word, UUID or pattern",
            remedy: "make a key with `openssl rand -base64 32`",
            checklist: &["CFG.e"],
            references: &["ASVS 11.5.1", "ASVS 11.2.3", "RFC 8725 3.5"],
            waivable: false,
        },
        judge: keys_are_strong,
        remedy: replace_weak_keys,
    },
    Rule {
        info: RuleInfo {
            id: "ARCHI-CFG-013",
            title: "secrets are closed to other users of the machine",
            severity: Severity::Medium,
            why: "what every user of the machine can read is no secret, and what they can replace is no key",
            check: "files with secrets have mode 0600 or less, others can't write to their folders nor list those of keys, and \
                    the command line shows no secret",
            remedy: "`chmod 600` the file and `chmod o-rw` its folder; give secrets as files and never as arguments",
            checklist: &["CFG.a"],
            references: &["CIS PostgreSQL 5.1", "ASVS 13.3.1"],
            waivable: true,
        },
        judge: others_see_nothing,
        remedy: close,
    },
];

fn secrets_are_given(facts: &ConfigFacts) -> Verdict {
    let required = facts.secrets.iter().filter(|secret| secret.required);
    all(required.map(judge_given), || format!("no secret is required in {}", facts.profile))
}

fn judge_given(secret: &SecretFacts) -> Verdict {
    secret.state.judge(
        |state| *state != SecretState::Missing,
        |state| match state {
            SecretState::Missing => format!("{} is missing", secret.key),
            SecretState::Present | SecretState::Refused { .. } => format!("{} is given", secret.key),
        },
    )
}

fn give_secrets(facts: &ConfigFacts) -> Remedy {
    let failing = facts.secrets.iter().filter(|secret| secret.required && fails(&judge_given(secret)));
    remedy(failing.map(|secret| format!("set {}", secret.ways_to_set)))
}

fn nothing_is_malformed(facts: &ConfigFacts) -> Verdict {
    let refused = facts.refused.iter().map(|setting| {
        let text = format!("{} {}", setting.key, setting.reason);
        Verdict::Fail(vec![Evidence { text, source: setting.source.clone() }])
    });
    let given = |secret: &&SecretFacts| secret.state.value() != Some(&SecretState::Missing);
    let secrets = facts.secrets.iter().filter(given).map(judge_formed);
    all(refused.chain(secrets), || "nothing that was given is malformed, and no secret is given".to_owned())
}

fn judge_formed(secret: &SecretFacts) -> Verdict {
    secret.state.judge(
        |state| !matches!(state, SecretState::Refused { .. }),
        |state| match state {
            SecretState::Refused { reason } => format!("{} {reason}", secret.key),
            SecretState::Present | SecretState::Missing => format!("{} is well formed", secret.key),
        },
    )
}

fn mend_malformed(facts: &ConfigFacts) -> Remedy {
    let settings = facts.refused.iter().map(|setting| format!("correct {}", setting.source));
    let secrets = facts.secrets.iter().filter(|secret| fails(&judge_formed(secret)));
    remedy(settings.chain(secrets.map(|secret| format!("set {}", secret.ways_to_set))))
}

fn keys_are_strong(facts: &ConfigFacts) -> Verdict {
    let keys = facts.secrets.iter().flat_map(|secret| secret.strengths.iter().map(|key| judge_strength(secret, key)));
    all(keys, || "no key is given".to_owned())
}

fn judge_strength(secret: &SecretFacts, strength: &Observed<KeyStrength>) -> Verdict {
    strength.judge(KeyStrength::is_strong, |strength| {
        if strength.is_strong() {
            return format!("{} has {} bytes, given as {}", secret.key, strength.bytes, strength.encoding);
        }
        let weaknesses: Vec<String> = strength.weaknesses.iter().map(ToString::to_string).collect();
        format!("{} {}", secret.key, weaknesses.join(", "))
    })
}

fn replace_weak_keys(facts: &ConfigFacts) -> Remedy {
    let weak = |secret: &&SecretFacts| secret.strengths.iter().any(|key| fails(&judge_strength(secret, key)));
    let secrets = facts.secrets.iter().filter(weak);
    remedy(secrets.map(|secret| format!("make a key with `openssl rand -base64 32` and set {}", secret.ways_to_set)))
}

fn others_see_nothing(facts: &ConfigFacts) -> Verdict {
    let files = facts.files.iter().map(|file| judge_mode(file).and(judge_folder(file)));
    let arguments = facts.secrets.iter().filter_map(judge_arguments);
    all(files.chain(arguments), || "no secret comes from a file".to_owned())
}

fn judge_arguments(secret: &SecretFacts) -> Option<Verdict> {
    let shown = secret.in_arguments.as_ref()?;
    Some(shown.judge(
        |shown| !shown,
        |shown| format!("{} is {} the command line", secret.key, if *shown { "in" } else { "not in" }),
    ))
}

/// The owner may read and write; nobody may do anything else.
fn judge_mode(file: &SecretFileFacts) -> Verdict {
    let path = file.path.display();
    file.mode.judge(|mode| mode & 0o7177 == 0, |mode| format!("{path} has mode {mode:04o}"))
}

/// Who may write to a folder can put another file in place of the secret. To list it shows what secrets there are, so a folder
/// of secrets is closed; that of a settings file holds other things too.
fn judge_folder(file: &SecretFileFacts) -> Verdict {
    let forbidden = match file.kind {
        SecretFileKind::Secret => 0o006,
        SecretFileKind::Settings => 0o002,
    };
    let path = file.path.display();
    file.folder_mode.judge(|mode| mode & forbidden == 0, |mode| format!("the folder of {path} has mode {mode:04o}"))
}

fn close(facts: &ConfigFacts) -> Remedy {
    let files = facts.files.iter().filter(|file| fails(&judge_mode(file)));
    let files = files.map(|file| format!("chmod 600 {}", file.path.display()));
    let folders = facts.files.iter().filter(|file| fails(&judge_folder(file))).map(|file| {
        let folder = file.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        format!("chmod o-rw {}", folder.map_or_else(|| ".".to_owned(), |folder| folder.display().to_string()))
    });
    let arguments =
        facts.secrets.iter().filter(|secret| judge_arguments(secret).is_some_and(|verdict| fails(&verdict)));
    let arguments = arguments
        .map(|secret| format!("take {} off the command line, replace it and set {}", secret.key, secret.ways_to_set));
    remedy(files.chain(folders).chain(arguments))
}

/// All must hold; with nothing to judge, the rule does not apply.
fn all(verdicts: impl Iterator<Item = Verdict>, nothing: impl FnOnce() -> String) -> Verdict {
    verdicts.reduce(Verdict::and).unwrap_or_else(|| Verdict::NotApplicable(nothing()))
}

fn fails(verdict: &Verdict) -> bool {
    !matches!(verdict, Verdict::Pass(_))
}

fn remedy(steps: impl Iterator<Item = String>) -> Remedy {
    let mut steps: Vec<String> = steps.collect();
    steps.dedup();
    Remedy::new(steps.join("; "))
}
