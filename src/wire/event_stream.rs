//! Server-sent events in a finite body: notifications first, the response last. No connection is held open.

use super::http::Reply;

const MEDIA_TYPE: &str = "text/event-stream";

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Event {
    id: Option<String>,
    /// Milliseconds.
    retry: Option<u32>,
    data: String,
}

impl Event {
    /// An event with a message.
    pub fn message(text: &str) -> Self {
        Self {
            data: text.to_owned(),
            ..Self::default()
        }
    }

    /// An event with an id to resume from, and the milliseconds after which to reconnect.
    pub fn pause(id: &str, retry: u32) -> Self {
        Self {
            id: Some(id.to_owned()),
            retry: Some(retry),
            data: String::new(),
        }
    }

    pub fn with_id(self, id: &str) -> Self {
        Self {
            id: Some(id.to_owned()),
            ..self
        }
    }
}

impl std::fmt::Display for Event {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        if !self.data.is_empty() {
            out.write_str("event: message\n")?;
        }
        if let Some(id) = &self.id {
            writeln!(out, "id: {id}")?;
        }
        if let Some(retry) = &self.retry {
            writeln!(out, "retry: {retry}")?;
        }
        if self.data.is_empty() {
            // A client ignores an event without data.
            out.write_str("data:\n")?;
        }
        for line in self.data.lines() {
            writeln!(out, "data: {line}")?;
        }
        out.write_str("\n")
    }
}

/// A response with these events.
pub fn reply(events: &[Event]) -> Reply {
    let mut reply = streamed(Reply::empty(200));
    reply.body = events.iter().map(ToString::to_string).collect();
    reply
}

/// The reply as the last event of a stream, after these messages, for a client that accepts only streams. A reply with
/// an error status stays as it is.
pub fn last(messages: &[String], reply: Reply) -> Reply {
    if reply.status != 200 || is_stream(&reply) {
        return reply;
    }
    let mut events: Vec<Event> = messages.iter().map(|text| Event::message(text)).collect();
    events.push(Event::message(&reply.body));
    let mut stream = streamed(reply);
    stream.body = events.iter().map(ToString::to_string).collect();
    stream
}

fn streamed(reply: Reply) -> Reply {
    reply
        .header("Content-Type", MEDIA_TYPE)
        // Proxies must neither cache nor buffer a stream.
        .header("Cache-Control", "no-cache")
        .header("X-Accel-Buffering", "no")
}

/// Whether a reply is an event stream.
pub fn is_stream(reply: &Reply) -> bool {
    let media = reply.headers.get("Content-Type");
    media
        .and_then(|media| media.as_str())
        .is_some_and(|media| media.starts_with(MEDIA_TYPE))
}

/// Whether a client explicitly accepts an event stream. A wildcard does not count: such a client may not expect one.
pub fn is_accepted(accept: Option<&str>) -> bool {
    let ranges = accept.unwrap_or_default().split(',');
    ranges
        .map(|range| range.split(';').next().unwrap_or_default().trim())
        .any(|range| range.eq_ignore_ascii_case(MEDIA_TYPE))
}

/// The reply after these messages, as a stream. Without messages, or with an error status, it stays as it is.
pub fn before(messages: &[String], reply: Reply) -> Reply {
    if messages.is_empty() {
        return reply;
    }
    last(messages, reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_first_and_the_response_last() {
        let reply = || Reply::json_text(200, "{\"id\":\n1}".into());
        let stream = before(&["{\"a\":1}".into(), "{}".into()], reply());
        assert_eq!(
            stream.body,
            "event: message\ndata: {\"a\":1}\n\nevent: message\ndata: {}\n\n\
             event: message\ndata: {\"id\":\ndata: 1}\n\n"
        );
        assert_eq!(stream.headers["Content-Type"], MEDIA_TYPE);
        assert_eq!(stream.headers["Cache-Control"], "no-cache");
        assert_eq!(stream.headers["X-Accel-Buffering"], "no");
        assert!(is_stream(&stream) && !is_stream(&reply()));
        assert_eq!(before(&[], reply()).body, reply().body);
        let refused = before(&["{}".into()], Reply::json_text(400, "{}".into()));
        assert!(!is_stream(&refused));
    }

    #[test]
    fn only_who_names_the_media_type_takes_it() {
        for accept in [
            "text/event-stream",
            "application/json, text/event-stream",
            "application/json,TEXT/Event-Stream;q=0.5",
        ] {
            assert!(is_accepted(Some(accept)), "{accept}");
        }
        for accept in [
            "*/*",
            "application/json",
            "text/*",
            "",
            "text/event-streams",
        ] {
            assert!(!is_accepted(Some(accept)), "{accept}");
        }
        assert!(!is_accepted(None));
    }
}
