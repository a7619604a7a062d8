//! The page of a report in Chromium: it says what the JSON report says, can be read without scripts, on paper, with a
//! keyboard and by a screen reader, and no name in it becomes anything but text.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod browser;
mod fixture;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use browser::Browser;
use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::{Value, json};

/// A report, and its page.
struct Written {
    report: Value,
    page: PathBuf,
    _folder: tempfile::TempDir,
}

/// Diagnoses files, or runs another command.
fn written(args: &[&str]) -> Written {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html");
    let mut program = Command::new(env!("CARGO_BIN_EXE_apim-doctor"));
    program.args(args).args(["--isolated", "--fail-on", "never", "-o", "json", "-o"]);
    let output = program.arg(format!("html={}", page.display())).output().unwrap();
    let report = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{args:?}: {error}: {}", String::from_utf8_lossy(&output.stderr)));
    Written { report, page, _folder: folder }
}

/// Cases with all verdicts, several callers, fixes that work together, and gaps.
fn several() -> Written {
    let names = [
        "checks/firewall.user-assigned-not-trusted/broken",
        "checks/authorization.shared-key-disabled/blind",
        "checks/authorization.first-party-principal-not-granted/blind",
    ];
    let files = names.map(fixture::file);
    written(&["diagnose", &files[0], &files[1], &files[2]])
}

fn shared(test: &str) -> Option<PathBuf> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases");
    if cases.is_dir() {
        return Some(cases);
    }
    println!("skipped: ../shared does not exist ({test})");
    None
}

/// 240 access paths: details of a page as large as that are built when they are opened.
fn large(test: &str) -> Option<Written> {
    let cases = shared(test)?;
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("scale.json");
    let made = Command::new("python3").arg(cases.join("scale/scale.py")).arg("30").output().unwrap();
    std::fs::write(&recording, made.stdout).unwrap();
    Some(written(&["diagnose", recording.to_str().unwrap()]))
}

fn list<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> {
    value[field].as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_default()
}

/// A text as both sides say it: the page has no back-ticks and starts sentences with a capital.
fn loose(text: &str) -> String {
    let text: String = text.chars().filter(|c| *c != '`').collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Opens all details.
const OPEN: &str = "document.querySelectorAll('details').forEach((one) => { one.open = true; });";
const IS_OPEN: &str = "return document.querySelectorAll('noscript').length === 0";
/// What the page says, part by part.
const SAYS: &str = "
    const said = (one) => one.textContent;
    const within = (one, what) => [...one.querySelectorAll(what)];
    return {
        title: said(document.querySelector('h1')),
        head: said(document.querySelector('header')),
        foot: said(document.querySelector('footer')),
        rest: said(document.querySelector('main')),
        groups: within(document, '.group').map((group) => ({
            paths: within(group, '.path').map((path) => [path.dataset.id, path.classList[1], said(path)]),
            gates: within(group, 'ol.gates > li').map((gate) => [gate.className, said(gate)]),
            pictures: within(group, '.picture svg').length,
            text: said(group),
        })),
        findings: within(document, '.finding').map((one) => [
            one.dataset.fingerprint, one.className, said(one), within(one, 'pre').map(said),
            within(one, '.copy').map((button) => button.previousElementSibling.tagName),
        ]),
        gaps: within(document, '.gap').map((one) => [said(one), within(one, 'pre').map(said)]),
    };";

/// What the page does not say, or says differently.
async fn differences(browser: &Browser, written: &Written) -> Vec<String> {
    browser.open(&written.page).await;
    browser.run(OPEN).await;
    browser.until(IS_OPEN).await;
    let page = browser.run(SAYS).await;
    let report = &written.report;
    let mut wrong = Vec::new();
    let mut check = |is_right: bool, what: String| {
        if !is_right {
            wrong.push(what);
        }
    };
    let holds = |place: &Value, wanted: &str| loose(place.as_str().unwrap()).contains(&loose(wanted));
    check(holds(&page["title"], text(&report["headline"], "says")), "the headline".to_owned());
    let leads = |finding: &&Value| finding["fingerprint"] == report["headline"]["finding"];
    let is_suppressed = list(report, "findings").find(leads).is_some_and(|finding| finding["suppressed"].is_object());
    for field in ["why", "fix", "run"].into_iter().filter(|field| *field != "fix" || !is_suppressed) {
        check(holds(&page["head"], text(&report["headline"], field)), format!("headline.{field}"));
    }
    check(holds(&page["foot"], text(&report["summary"], "says")), "the summary".to_owned());
    let ids = |paths: Vec<&str>| paths.into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
    let shown: Vec<&str> =
        list(&page, "groups").flat_map(|group| list(group, "paths")).map(|path| path[0].as_str().unwrap()).collect();
    check(shown.len() == list(report, "paths").count(), format!("{} paths", shown.len()));
    check(
        ids(shown) == ids(list(report, "paths").map(|path| text(path, "id")).collect()),
        "the ids of paths".to_owned(),
    );
    for path in list(report, "paths") {
        let id = text(path, "id");
        let own = |group: &&Value| list(group, "paths").any(|one| one[0] == id);
        let Some(group) = list(&page, "groups").find(own) else { continue };
        let line = list(group, "paths").find(|one| one[0] == id).unwrap();
        let kind = if path["suppressed"] == true { "suppressed" } else { text(path, "verdict") };
        check(line[1] == kind && holds(&line[2], kind), format!("{id}: {}", line[1]));
        for said in [text(path, "label"), text(path, "consumerNoun"), text(path, "change")] {
            check(holds(&line[2], said), format!("{id}: `{said}`"));
        }
        let pictures = group["pictures"].as_u64().unwrap();
        check(pictures >= 2 && pictures % 2 == 0, format!("{id}: {pictures} pictures"));
        check(list(group, "gates").count() == 8, format!("{id}: the gates"));
        for (number, (gate, shown)) in list(path, "gates").zip(list(group, "gates")).enumerate() {
            let class = if gate["verdict"] == "not-applicable" { "none" } else { text(gate, "verdict") };
            check(shown[0] == class, format!("{id}: gate {number} is {}", shown[0]));
            let is_first = list(group, "paths").next().unwrap()[0] == id;
            let mut says: Vec<&str> = if is_first { vec![text(gate, "says")] } else { Vec::new() };
            says.extend(list(gate, "findings").chain(list(gate, "gaps")).filter_map(Value::as_str));
            for step in list(gate, "steps") {
                says.push(text(step, "question"));
                for fact in list(step, "evidence") {
                    says.extend([text(fact, "says"), text(fact, "pointer")]);
                }
            }
            for said in says {
                check(holds(&shown[1], said), format!("{id}: gate {number} does not say `{said}`"));
            }
        }
        if let Some(symptom) = path["firstSymptom"].as_str().filter(|_| list(group, "paths").next().unwrap()[0] == id) {
            check(holds(&group["text"], symptom), format!("{id}: the symptom"));
        }
        for title in list(&path["combined_fix"], "titles").filter(|_| list(&path["combinedFix"], "titles").count() > 1)
        {
            check(holds(&group["text"], title.as_str().unwrap()), format!("{id}: {title}"));
        }
    }
    check(list(&page, "findings").count() == list(report, "findings").count(), "the number of findings".to_owned());
    for (finding, shown) in list(report, "findings").zip(list(&page, "findings")) {
        let code = text(finding, "code");
        check(shown[0] == finding["fingerprint"], format!("{code}: {}", shown[0]));
        check(
            shown[1].as_str().unwrap().contains("suppressed") == finding["suppressed"].is_object(),
            format!("{code}: {}", shown[1]),
        );
        let mut says = vec![code, text(finding, "message"), text(finding, "meaning")];
        says.extend(list(finding, "evidence").map(|fact| text(fact, "says")));
        says.extend(list(finding, "confirm").map(|way| text(way, "expect")));
        says.extend(list(finding, "sources").map(|source| text(source, "url")));
        says.extend(list(finding, "affects").take(12).filter_map(Value::as_str));
        for fix in list(finding, "fixes") {
            says.extend([text(fix, "title"), text(fix, "unverified")]);
            let trust = if fix["verified"] == true { "verified" } else { "not verified" };
            says.push(trust);
            let lines =
                |field: &str| list(fix, field).map(|line| line.as_str().unwrap()).collect::<Vec<_>>().join("\n");
            let texts = ["bicep", "terraform", "diff"].map(|field| text(fix, field).to_owned());
            for wanted in
                [lines("az"), lines("powershell")].into_iter().chain(texts).filter(|wanted| !wanted.is_empty())
            {
                let is_there = |place: &Value| place.as_array().unwrap().iter().any(|one| *one == json!(wanted));
                check(is_there(&shown[3]), format!("{code}: the commands\n{wanted}"));
            }
        }
        for said in says {
            check(holds(&shown[2], said), format!("{code}: does not say `{said}`"));
        }
    }
    check(list(&page, "gaps").count() == list(report, "gaps").count(), "the number of gaps".to_owned());
    for gap in list(report, "gaps") {
        let is_said = |shown: &Value| {
            let command = gap["run"].as_str().map_or(Vec::new(), |run| vec![json!(run)]);
            holds(&shown[0], text(gap, "what"))
                && shown[1] == Value::Array(command)
                && holds(&shown[0], text(gap, "kind"))
        };
        check(list(&page, "gaps").any(is_said), format!("the gap {}", gap["what"]));
    }
    for vault in list(report, "backupVaults") {
        let settings = list(vault, "posture").flat_map(|one| [text(one, "name"), text(one, "value")]);
        for said in settings.chain(list(vault, "items").map(|item| text(item, "label"))) {
            check(holds(&page["rest"], said), format!("a vault does not say `{said}`"));
        }
    }
    wrong
}

#[tokio::test]
async fn the_page_says_what_the_report_says() {
    let test = "the_page_says_what_the_report_says";
    let Some(cases) = shared(test) else { return };
    let Some(browser) = browser::start(test).await else { return };
    let mut wrong = Vec::new();
    let mut count = 0;
    for folder in ["estates", "reports"] {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(cases.join(folder)).unwrap().map(|file| file.unwrap().path()).collect();
        files.retain(|file| file.to_str().unwrap().ends_with(".snapshot.json"));
        files.sort();
        // Each third recording: all of them take two minutes.
        for file in files.iter().step_by(3) {
            let written = written(&["diagnose", file.to_str().unwrap()]);
            let found = differences(&browser, &written).await;
            wrong.extend(found.into_iter().map(|what| format!("{}: {what}", file.file_name().unwrap().display())));
            count += 1;
        }
    }
    for written in [Some(several()), large(test)].into_iter().flatten() {
        wrong.extend(differences(&browser, &written).await);
    }
    assert!(count > 90, "only {count} recordings");
    assert!(
        wrong.is_empty(),
        "{} differences:\n{}",
        wrong.len(),
        wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n")
    );
}

#[tokio::test]
async fn a_suppressed_finding_is_shown_as_such() {
    let Some(browser) = browser::start("a_suppressed_finding_is_shown_as_such").await else { return };
    let folder = tempfile::tempdir().unwrap();
    let baseline = folder.path().join("baseline.json");
    let file = fixture::file("checks/firewall.user-assigned-not-trusted/broken");
    written(&["diagnose", &file, "--write-baseline", baseline.to_str().unwrap()]);
    let written = written(&["diagnose", &file, "--baseline", baseline.to_str().unwrap()]);
    assert!(list(&written.report, "paths").any(|path| path["suppressed"] == true));
    assert_eq!(differences(&browser, &written).await, Vec::<String>::new());
}

/// The ids of the paths that are shown, and what the page says about their number.
async fn shown(browser: &Browser) -> (BTreeSet<String>, String) {
    let found = browser
        .run(
            "const seen = [...document.querySelectorAll('.path')].filter((path) => path.checkVisibility()); \
             return [seen.map((path) => path.dataset.id), document.querySelector('#count').textContent]",
        )
        .await;
    (serde_json::from_value(found[0].clone()).unwrap(), found[1].as_str().unwrap().to_owned())
}

/// Waits until the page says this number.
async fn counted(browser: &Browser, says: &str) {
    browser.until(&format!("return document.querySelector('#count').textContent === {}", json!(says))).await;
}

#[tokio::test]
async fn paths_are_filtered_and_found() {
    let Some(browser) = browser::start("paths_are_filtered_and_found").await else { return };
    let written = several();
    let all: Vec<&Value> = list(&written.report, "paths").collect();
    let with = |fits: &dyn Fn(&Value) -> bool| -> BTreeSet<String> {
        all.iter().filter(|path| fits(path)).map(|path| text(path, "id").to_owned()).collect()
    };
    let total = all.len();
    browser.open(&written.page).await;
    assert_eq!(shown(&browser).await, (with(&|_| true), format!("{total} access paths")));
    assert_eq!(browser.run("return document.querySelector('#count').ariaLive").await, "polite");

    let click = async |what: &str| browser.client.find(Locator::Css(what)).await.unwrap().click().await.unwrap();
    let failing = with(&|path| path["verdict"] == "fail");
    assert!(!failing.is_empty() && failing.len() < total);
    click(".chip.pass").await;
    click(".chip.unknown").await;
    counted(&browser, &format!("{} of {total} access paths", failing.len())).await;
    assert_eq!(shown(&browser).await.0, failing);
    click(".chip.fail").await;
    counted(&browser, &format!("0 of {total} access paths")).await;
    assert_eq!(browser.run("return document.querySelector('#empty').checkVisibility()").await, true);
    for chip in [".chip.pass", ".chip.unknown", ".chip.fail"] {
        click(chip).await;
    }
    counted(&browser, &format!("{total} access paths")).await;

    let search = browser.client.find(Locator::Css("#search")).await.unwrap();
    let label = text(all[0], "label");
    let labelled = with(&|path| {
        let line = ["label", "id", "consumerNoun"].map(|field| text(path, field)).join(" ").to_lowercase();
        line.contains(&label.to_lowercase())
    });
    search.send_keys(&label.to_uppercase()).await.unwrap();
    counted(&browser, &format!("{} of {total} access paths", labelled.len())).await;
    assert_eq!(shown(&browser).await.0, labelled);
    search.clear().await.unwrap();
    counted(&browser, &format!("{total} access paths")).await;

    let caller = text(all[0], "resource");
    let of_caller = with(&|path| path["resource"] == caller);
    assert!(of_caller.len() < total);
    let name = caller.rsplit('/').next().unwrap();
    let select = browser.client.find(Locator::Css("#caller")).await.unwrap();
    select.select_by_label(name).await.unwrap();
    counted(&browser, &format!("{} of {total} access paths", of_caller.len())).await;
    assert_eq!(shown(&browser).await.0, of_caller);
}

#[tokio::test]
async fn commands_are_copied_word_for_word() {
    let Some(browser) = browser::start("commands_are_copied_word_for_word").await else { return };
    let written = several();
    browser.open(&written.page).await;
    let permissions = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
    browser.chromium("Browser.grantPermissions", permissions).await;
    let finding = &list(&written.report, "findings")
        .find(|one| one["fingerprint"] == written.report["headline"]["finding"])
        .unwrap();
    let fix = &finding["fixes"][finding["bestFix"].as_u64().unwrap() as usize];
    let lines: Vec<&str> = list(fix, "az").filter_map(Value::as_str).collect();
    assert!(lines.len() > 1);
    browser.client.find(Locator::Css("header .copy")).await.unwrap().click().await.unwrap();
    browser
        .until("return [...document.querySelectorAll('[role=status]')].some((one) => one.textContent === 'Copied.')")
        .await;
    let copied = browser.wait_for("navigator.clipboard.readText().then(done, (error) => done(String(error)))").await;
    assert_eq!(copied, lines.join("\n"));
}

#[tokio::test]
async fn everything_is_reached_with_the_keyboard() {
    let Some(browser) = browser::start("everything_is_reached_with_the_keyboard").await else { return };
    let written = several();
    browser.open(&written.page).await;
    let press = async |key: Key| {
        let one = browser.client.active_element().await.unwrap();
        one.send_keys(&char::from(key).to_string()).await.unwrap();
    };
    let focused = "const one = document.activeElement; const style = getComputedStyle(one.closest('.chip') ?? one); \
                   return [one.tagName.toLowerCase(), one.className, one.textContent.trim().slice(0, 40), \
                   style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2, one.closest('.gates > li.fail') !== null]";
    let mut seen = Vec::new();
    let mut at_failing_gate = false;
    for _ in 0..80 {
        press(Key::Tab).await;
        let one = browser.run(focused).await;
        if one[0] == "body" {
            break;
        }
        assert_eq!(one[3], true, "the focus is not visible on {one}");
        if one[0] == "summary" && one[4] == true && !at_failing_gate {
            at_failing_gate = true;
            press(Key::Enter).await;
            let facts = "const details = document.activeElement.parentElement; \
                         return details.open && details.querySelector('.steps li').checkVisibility()";
            browser.until(facts).await;
        }
        seen.push(format!("{} {} {}", one[0].as_str().unwrap(), one[1].as_str().unwrap(), one[2].as_str().unwrap()));
    }
    let first = |what: &str| {
        seen.iter().position(|one| one.starts_with(what)).unwrap_or_else(|| panic!("no {what}: {seen:#?}"))
    };
    // In the order in which they are read.
    let order = ["a skip", "pre", "button copy", "input", "select", "summary  reference"].map(first);
    assert!(order.is_sorted(), "{order:?}: {seen:#?}");
    assert!(at_failing_gate, "{seen:#?}");
}

#[tokio::test]
async fn it_prints() {
    let Some(browser) = browser::start("it_prints").await else { return };
    let written = several();
    browser.open(&written.page).await;
    browser.emulate("print", "light").await;
    let seen = "const is_seen = (one) => one.checkVisibility({contentVisibilityAuto: true}); \
                const seen = (what) => [...document.querySelectorAll(what)].map(is_seen); \
                return [seen('#filter, .copy, .skip'), seen('.path'), seen('.group > ol.gates .steps > li'), \
                seen('.group > .picture .wide'), seen('.gap')]";
    let seen = browser.run(seen).await;
    let all = |at: usize, expected: bool| {
        let found = seen[at].as_array().unwrap();
        assert!(!found.is_empty() && found.iter().all(|one| *one == expected), "{at}: {seen}");
    };
    all(0, false);
    for at in 1..5 {
        all(at, true);
    }
    // A printed page is white, whatever the screen looks like.
    browser.emulate("print", "dark").await;
    assert_eq!(browser.run("return getComputedStyle(document.body).backgroundColor").await, "rgb(255, 255, 255)");
}

#[tokio::test]
async fn it_is_read_without_scripts() {
    let test = "it_is_read_without_scripts";
    let Some(browser) = browser::without_scripts(test).await else { return };
    let Some(large) = large(test) else { return };
    for written in [several(), large] {
        browser.open(&written.page).await;
        // The test's own scripts still run.
        let seen = "const is_seen = (one) => one.checkVisibility(); \
                    const seen = (what) => [...document.querySelectorAll(what)].filter(is_seen).length; \
                    return [seen('#filter, .copy'), seen('.path'), seen('.finding'), seen('.gap'), \
                    document.querySelectorAll('.steps > li').length, seen('header pre')]";
        let seen = browser.run(seen).await;
        let report = &written.report;
        let expected = ["paths", "findings", "gaps"].map(|part| list(report, part).count());
        assert_eq!(
            seen.as_array().unwrap()[..4],
            [json!(0), json!(expected[0]), json!(expected[1]), json!(expected[2])]
        );
        assert!(seen[4].as_u64().unwrap() >= 8 && seen[5] == 1, "{seen}");
        // Evidence is a click away.
        browser.client.find(Locator::Css("li.fail > details > summary")).await.unwrap().click().await.unwrap();
        assert_eq!(browser.run("return document.querySelector('li.fail .steps li').checkVisibility()").await, true);
    }
}

/// Names that would become something else, where they are not escaped. `PORT` is where a request would arrive.
const HOSTILE: [&str; 14] = [
    "<script>alert(1)</script>",
    "\"><script src=//127.0.0.1:PORT/a></script>",
    "<img src=http://127.0.0.1:PORT/b onerror=alert(2)>",
    "' onfocus=alert(3) autofocus x='",
    "\" onmouseover=alert(4) style=\"position:fixed;inset:0\" x=\"",
    "</title></style><svg onload=alert(5)>",
    "</noscript><img src=x onerror=alert(6)>",
    "</code></pre></details><iframe src=http://127.0.0.1:PORT/c></iframe>",
    "&lt;script&gt;alert(7)&lt;/script&gt;",
    "<!-- --!><script>alert(8)</script>",
    "<![CDATA[<script>alert(9)</script>]]>",
    "`<base href=http://127.0.0.1:PORT/>`",
    "a\u{202e}gpj.exe\u{200b}\u{2028}\u{7}",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:PORT/d'><link rel=stylesheet href=//127.0.0.1:PORT/e>",
];

/// Keeps the first line of every request to a port of this machine.
fn listener() -> (u16, Arc<Mutex<Vec<String>>>) {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, requests) = (socket.local_addr().unwrap().port(), Arc::new(Mutex::new(Vec::new())));
    let heard = requests.clone();
    std::thread::spawn(move || {
        for connection in socket.incoming() {
            let heard = heard.clone();
            // Chromium opens some connections before it needs them.
            std::thread::spawn(move || {
                let mut line = String::new();
                let _ = BufReader::new(connection.unwrap()).read_line(&mut line);
                heard.lock().unwrap().push(line);
            });
        }
    });
    (port, requests)
}

/// A document with a name replaced in every text.
fn renamed(value: &Value, old: &str, new: &str) -> Value {
    match value {
        Value::String(text) => text.replace(old, new).into(),
        Value::Array(all) => all.iter().map(|one| renamed(one, old, new)).collect(),
        Value::Object(all) => {
            Value::Object(all.iter().map(|(key, one)| (key.replace(old, new), renamed(one, old, new))).collect())
        }
        other => other.clone(),
    }
}

/// What of a page may have come from a name.
const MARKUP: &str = "
    const all = [...document.querySelectorAll('*')];
    const names = all.flatMap((one) => one.getAttributeNames());
    const count = (what) => document.querySelectorAll(what).length;
    return {
        elements: count('script, style, img, iframe, base, link, object, embed'),
        attributes: names.filter((name) => name.startsWith('on') || name === 'style' || name === 'src').length,
        links: all.filter((one) => !(one.getAttribute('href') ?? '#').startsWith('#')).length,
        invisible: /[\\u202e\\u200b\\u2028\\u0007]/.test(document.documentElement.outerHTML),
        metas: count('meta'),
        names: document.body.textContent.split('zq7').length - 1,
    };";

#[tokio::test]
async fn hostile_names_stay_text() {
    let test = "hostile_names_stay_text";
    let (port, requests) = listener();
    // Every request of the page would arrive, wherever it goes.
    let Some(browser) = browser::with_proxy(test, &format!("127.0.0.1:{port}")).await else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut found = 0;
    // A slash ends the name of a resource, so each name is tried with another sign for it, too.
    let names: Vec<String> = HOSTILE
        .iter()
        .flat_map(|name| [(*name).to_owned(), name.replace('/', "\u{2044}")])
        .map(|name| format!("zq7{}", name.replace("PORT", &port.to_string())))
        .collect();
    for fixture in ["checks/firewall.user-assigned-not-trusted/broken", "checks/dns.zone-not-linked/blind"] {
        let recording = fixture::recording(fixture);
        let tame = written(&["diagnose", &fixture::file(fixture)]);
        let path = &tame.report["paths"][0];
        let caller = text(path, "resource").rsplit('/').next().unwrap();
        for pair in names.chunks(2) {
            let file = folder.path().join("hostile.json");
            let hostile = renamed(&renamed(&recording, text(path, "label"), &pair[0]), caller, &pair[1]);
            std::fs::write(&file, hostile.to_string()).unwrap();
            let hostile = written(&["diagnose", file.to_str().unwrap()]);
            browser.open(&hostile.page).await;
            // While a dialog is open, no script of the test runs.
            browser.run(OPEN).await;
            let seen = browser.run(MARKUP).await;
            let expected = json!({"elements": 2, "attributes": 0, "links": 0, "invisible": false, "metas": 6});
            found += seen["names"].as_u64().unwrap();
            for (what, expected) in expected.as_object().unwrap() {
                assert_eq!(seen[what], *expected, "{what}: {pair:?}");
            }
        }
    }
    assert!(found > 100, "the names were shown {found} times");
    // The policy stops what a name would start if it were not escaped.
    let stopped = browser
        .wait_for(&format!(
            "const stopped = []; const hear = (event) => stopped.push(event.effectiveDirective); \
             document.addEventListener('securitypolicyviolation', hear); \
             const add = (markup) => document.body.insertAdjacentHTML('beforeend', markup); \
             add('<img src=http://127.0.0.1:{port}/f onerror=alert(1)><p style=color:red>'); \
             add('<iframe src=http://127.0.0.1:{port}/g></iframe>'); \
             add('<link rel=stylesheet href=http://127.0.0.1:{port}/h>'); \
             const script = document.createElement('script'); script.textContent = 'window.pwned = 1'; \
             document.body.append(script); \
             fetch('http://127.0.0.1:{port}/i').catch(() => 0); \
             setTimeout(() => done([stopped.map((name) => name.replace('-elem', '')).sort(), window.pwned ?? 0]), 500)"
        ))
        .await;
    let kinds: BTreeSet<String> = serde_json::from_value(stopped[0].clone()).unwrap();
    for kind in ["img-src", "frame-src", "style-src", "script-src", "connect-src", "script-src-attr"] {
        assert!(kinds.contains(kind), "{kind} was not stopped: {kinds:?}");
    }
    assert_eq!(stopped[1], 0);
    assert!(browser.client.get_alert_text().await.is_err());
    // Chromium itself asks its maker's servers for updates and the time.
    let of_page =
        |line: &&String| !line.is_empty() && !line.contains(".google.com") && !line.contains(".googleapis.com");
    let asked = || requests.lock().unwrap().iter().filter(of_page).cloned().collect::<Vec<_>>();
    assert_eq!(asked(), Vec::<String>::new(), "requests left");
    // A page that may send requests does.
    let _ = browser.run(&format!("location.href = 'http://127.0.0.1:{port}/j'")).await;
    for _ in 0..100 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        if !asked().is_empty() {
            return;
        }
    }
    panic!("the listener hears nothing");
}

#[tokio::test]
async fn axe_finds_nothing() {
    let test = "axe_finds_nothing";
    let (Some(browser), Some(axe)) = (browser::start(test).await, browser::axe(test)) else { return };
    let mut cases = vec![several(), written(&["demo"])];
    if let Some(shared) = shared(test) {
        for name in ["rsv-cmk-purge-protection-off", "apim-backup-newest-is-41-days-old", "matrix-n0-system-no-vnet"] {
            let file = shared.join(format!("estates/{name}.snapshot.json"));
            cases.push(written(&["diagnose", file.to_str().unwrap()]));
        }
    }
    let mut wrong = BTreeSet::new();
    for written in &cases {
        for (scheme, width) in [("light", 1200), ("dark", 1200), ("light", 320), ("dark", 320)] {
            browser.emulate("screen", scheme).await;
            browser.resize(width, 900).await;
            browser.open(&written.page).await;
            let all =
                "document.querySelectorAll('article').forEach((one) => { one.style.contentVisibility = 'visible'; })";
            browser.run(all).await;
            // What is closed is not looked at.
            browser.run(OPEN).await;
            let found = browser.complaints(&axe).await;
            wrong.extend(found.into_iter().map(|what| format!("{scheme}, {width} pixels: {what}")));
            let wide = browser.run("return document.documentElement.scrollWidth - innerWidth").await;
            assert!(wide.as_i64().unwrap() <= 0, "{width} pixels: {wide} too wide");
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // A fault is found.
    browser.run("document.querySelector('h1').insertAdjacentHTML('afterend', '<button></button>')").await;
    assert!(browser.complaints(&axe).await.iter().any(|what| what.starts_with("button-name")));
}

/// `UPDATE_DOCS=1` renews the pictures in `docs`.
#[tokio::test]
async fn pictures() {
    if std::env::var_os("UPDATE_DOCS").is_none() {
        return;
    }
    let Some(browser) = browser::start("pictures").await else { return };
    let written = written(&["demo", "private-zone-without-record"]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/html");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, scheme, width, height) in
        [("light", "light", 1120, 1060), ("dark", "dark", 1120, 1060), ("phone", "light", 390, 1060)]
    {
        browser.emulate("screen", scheme).await;
        browser.resize(width, height).await;
        browser.open(&written.page).await;
        std::fs::write(folder.join(format!("{name}.png")), browser.client.screenshot().await.unwrap()).unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_page_is_opened_where_it_is_seen() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let opener = folder.path().join("xdg-open");
    std::fs::write(&opener, "#!/bin/sh\nprintf %s \"$1\" > \"$OPENED\"\n").unwrap();
    std::fs::set_permissions(&opener, std::fs::Permissions::from_mode(0o755)).unwrap();
    let file = fixture::file("checks/dns.zone-not-linked/broken");
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let run = |name: &str, at_terminal: bool, display: &str| {
        let temporary = folder.path().join(name);
        std::fs::create_dir_all(&temporary).unwrap();
        let opened = temporary.join("opened");
        let program = env!("CARGO_BIN_EXE_apim-doctor");
        let line = format!("'{program}' diagnose '{file}' --isolated --open --quiet --fail-on never");
        let mut command = match at_terminal {
            // From util-linux: gives a command a terminal.
            true => {
                let mut command = Command::new("script");
                command.args(["-qec", &line, "/dev/null"]);
                command
            }
            false => {
                let mut command = Command::new("sh");
                command.args(["-c", &line]);
                command
            }
        };
        for name in ["WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER"] {
            command.env_remove(name);
        }
        command.env("PATH", &path).env("TMPDIR", &temporary).env("OPENED", &opened).env("DISPLAY", display);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let pages: Vec<PathBuf> = std::fs::read_dir(&temporary).unwrap().map(|one| one.unwrap().path()).collect();
        let page =
            pages.iter().find(|one| one.extension().is_some_and(|e| e == "html")).unwrap_or_else(|| panic!("{said}"));
        assert_eq!(page.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(std::fs::read_to_string(page).unwrap().ends_with("</html>\n"));
        // It is opened in the background.
        let is_wanted = at_terminal && !display.is_empty();
        for _ in 0..if is_wanted { 100 } else { 4 } {
            if opened.exists() && std::fs::metadata(&opened).unwrap().len() > 0 {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        let opened = std::fs::read_to_string(&opened).ok();
        assert_eq!(opened, is_wanted.then(|| page.display().to_string()), "{name}: {said}");
        assert_eq!(said.contains(page.to_str().unwrap()), !is_wanted, "{name}: {said}");
    };
    run("seen", true, ":9");
    run("no-display", true, "");
    run("no-terminal", false, ":9");
}

/// Prints the size of the page of 16,000 access paths, and how long Chromium takes to open it. See
/// `docs/performance.md`.
#[tokio::test]
#[ignore = "a measurement"]
async fn measure_a_large_page() {
    let test = "measure_a_large_page";
    let (Some(cases), Some(browser)) = (shared(test), browser::start(test).await) else { return };
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("scale.json");
    let made = Command::new("python3").arg(cases.join("scale/scale.py")).arg("2000").output().unwrap();
    std::fs::write(&recording, made.stdout).unwrap();
    let page = folder.path().join("page.html");
    let start = std::time::Instant::now();
    let output = format!("html={}", page.display());
    let args = ["diagnose", recording.to_str().unwrap(), "--isolated", "--fail-on", "never", "-o", &output];
    assert!(Command::new(env!("CARGO_BIN_EXE_apim-doctor")).args(args).status().unwrap().success());
    println!(
        "written in {:.2} s: {:.1} MB",
        start.elapsed().as_secs_f64(),
        page.metadata().unwrap().len() as f64 / 1e6
    );
    for _ in 0..5 {
        browser.client.goto("about:blank").await.unwrap();
        browser.open(&page).await;
        let times = "const [page] = performance.getEntriesByType('navigation'); \
                     const [paint] = performance.getEntriesByType('paint'); \
                     return [paint.startTime, page.loadEventEnd]";
        let times = browser.run(times).await;
        println!(
            "first paint after {:.0} ms, loaded after {:.0} ms",
            times[0].as_f64().unwrap(),
            times[1].as_f64().unwrap()
        );
    }
    let searched = browser
        .wait_for(
            "const search = document.querySelector('#search'); const start = performance.now(); \
             search.value = '01234'; \
             search.dispatchEvent(new Event('input', {bubbles: true})); \
             const is_found = () => document.querySelector('#count').textContent.includes(' of '); \
             const look = () => is_found() ? done(performance.now() - start) : setTimeout(look); look()",
        )
        .await;
    println!("found after {:.0} ms", searched.as_f64().unwrap());
}
