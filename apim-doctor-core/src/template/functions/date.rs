//! Dates and durations.

use std::fmt::Write as _;

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{Span as Duration, Timestamp};

use crate::template::functions::call::{Call, Fault, Outcome};
use crate::template::value::{Kind, Value};

fn parse(text: &str) -> Result<DateTime, Fault> {
    let trimmed = text.trim();
    let with_t = match trimmed.split_once(' ') {
        Some((date, time)) => format!("{date}T{time}"),
        None => trimmed.to_owned(),
    };
    if let Ok(timestamp) = with_t.parse::<Timestamp>() {
        return Ok(Offset::UTC.to_datetime(timestamp));
    }
    let compact = compact(trimmed);
    let civil = with_t.trim_end_matches(['Z', 'z']).parse().ok();
    civil.or(compact).ok_or_else(|| Fault::Wrong(format!("`{text}` is not a date and time")))
}

/// `20200407T145314Z`, as `utcNow()` gives it.
fn compact(text: &str) -> Option<DateTime> {
    let (date, time) = text.trim_end_matches('Z').split_once('T')?;
    let number = |text: &str, from: usize, to: usize| text.get(from..to)?.parse::<i16>().ok();
    let small = |text: &str, from: usize| i8::try_from(number(text, from, from + 2)?).ok();
    (date.len() == 8 && time.len() == 6).then_some(())?;
    DateTime::new(
        number(date, 0, 4)?,
        small(date, 4)?,
        small(date, 6)?,
        small(time, 0)?,
        small(time, 2)?,
        small(time, 4)?,
        0,
    )
    .ok()
}

pub(super) fn date_time_add(call: &Call<'_>) -> Outcome {
    let base = parse(call.text(0)?)?;
    let text = call.text(1)?;
    let duration: Duration = text.parse().map_err(|_| Fault::Wrong(format!("`{text}` is not a duration")))?;
    let sum = base.checked_add(duration).map_err(|_| Fault::Wrong("the date is out of range".to_owned()))?;
    let shown = match call.arguments.len() > 2 {
        true => show(sum, call.text(2)?),
        false => iso(sum),
    };
    Ok(Value::string(shown, call.span))
}

fn iso(at: DateTime) -> String {
    let mut text = show(at, "yyyy-MM-ddTHH:mm:ss");
    if at.subsec_nanosecond() != 0 {
        let nanoseconds = format!("{:09}", at.subsec_nanosecond());
        let _written = write!(text, ".{}", nanoseconds.trim_end_matches('0'));
    }
    text.push('Z');
    text
}

pub(super) fn date_time_from_epoch(call: &Call<'_>) -> Outcome {
    let at = Timestamp::from_second(call.int(0)?).map_err(|_| Fault::Wrong("the date is out of range".to_owned()))?;
    Ok(Value::string(iso(Offset::UTC.to_datetime(at)), call.span))
}

pub(super) fn date_time_to_epoch(call: &Call<'_>) -> Outcome {
    let at = parse(call.text(0)?)?;
    let at = Offset::UTC.to_timestamp(at).map_err(|_| Fault::Wrong("the date is out of range".to_owned()))?;
    Ok(Value::new(Kind::Int(at.as_second()), call.span))
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A date in a .NET format.
pub(crate) fn show(at: DateTime, format: &str) -> String {
    let format = match format {
        "d" => "MM/dd/yyyy",
        "D" => "dddd, dd MMMM yyyy",
        "t" => "HH:mm",
        "T" => "HH:mm:ss",
        "f" => "dddd, dd MMMM yyyy HH:mm",
        "F" | "U" => "dddd, dd MMMM yyyy HH:mm:ss",
        "g" => "MM/dd/yyyy HH:mm",
        "G" => "MM/dd/yyyy HH:mm:ss",
        "s" => "yyyy-MM-ddTHH:mm:ss",
        "u" => "yyyy-MM-dd HH:mm:ssZ",
        "o" | "O" => "yyyy-MM-ddTHH:mm:ss.fffffffZ",
        "R" | "r" => "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
        "M" | "m" => "MMMM dd",
        "Y" | "y" => "yyyy MMMM",
        other => other,
    };
    let mut text = String::new();
    let mut letters = format.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' | '"' => text.extend(letters.by_ref().take_while(|other| *other != letter)),
            '\\' => text.extend(letters.next()),
            '%' => {}
            _ => {
                let mut count = 1;
                while letters.next_if_eq(&letter).is_some() {
                    count += 1;
                }
                token(&mut text, at, letter, count);
            }
        }
    }
    text
}

fn token(text: &mut String, at: DateTime, letter: char, count: usize) {
    let number = |text: &mut String, value: i64, width: usize| {
        // Writing to a text does not fail.
        let _written = write!(text, "{value:0width$}");
    };
    let name = |names: &[&str], one_based: i8, short: bool| {
        let at = usize::try_from(one_based).unwrap_or(1).saturating_sub(1);
        let name = names.get(at).copied().unwrap_or_default();
        name.get(..if short { 3 } else { name.len() }).unwrap_or(name).to_owned()
    };
    let half = |hour: i8| if hour % 12 == 0 { 12 } else { hour % 12 };
    match (letter, count) {
        ('y', 1 | 2) => number(text, i64::from(at.year() % 100), count),
        ('y', _) => number(text, i64::from(at.year()), count),
        ('M', 1 | 2) => number(text, i64::from(at.month()), count),
        ('M', _) => text.push_str(&name(&MONTHS, at.month(), count == 3)),
        ('d', 1 | 2) => number(text, i64::from(at.day()), count),
        ('d', _) => text.push_str(&name(&DAYS, at.date().weekday().to_monday_one_offset(), count == 3)),
        ('H', _) => number(text, i64::from(at.hour()), count.min(2)),
        ('h', _) => number(text, i64::from(half(at.hour())), count.min(2)),
        ('m', _) => number(text, i64::from(at.minute()), count.min(2)),
        ('s', _) => number(text, i64::from(at.second()), count.min(2)),
        ('f', _) => {
            let nanoseconds = format!("{:09}", at.subsec_nanosecond());
            text.push_str(nanoseconds.get(..count.min(9)).unwrap_or_default());
        }
        ('t', 1) => text.push(if at.hour() < 12 { 'A' } else { 'P' }),
        ('t', _) => text.push_str(if at.hour() < 12 { "AM" } else { "PM" }),
        ('K', _) => text.push('Z'),
        ('z', 1) => text.push_str("+0"),
        ('z', 2) => text.push_str("+00"),
        ('z', _) => text.push_str("+00:00"),
        (other, count) => text.extend(std::iter::repeat_n(other, count)),
    }
}
