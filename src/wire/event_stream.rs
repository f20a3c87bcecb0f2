//! A finite body of server-sent events: what is told before a response, and the response last. Nothing is held open.

use super::http::Reply;

const MEDIA_TYPE: &str = "text/event-stream";

/// A message as an event.
pub fn event(message: &str) -> String {
    let mut text = "event: message\n".to_owned();
    for line in message.lines() {
        text.push_str("data: ");
        text.push_str(line);
        text.push('\n');
    }
    text.push('\n');
    text
}

/// Whether a reply is such a body.
pub fn is_stream(reply: &Reply) -> bool {
    let media = reply.headers.get("Content-Type");
    media
        .and_then(|media| media.as_str())
        .is_some_and(|media| media.starts_with(MEDIA_TYPE))
}

/// Whether a client says that it takes such a body. A client that takes anything does not know that it may get one.
pub fn is_accepted(accept: Option<&str>) -> bool {
    let ranges = accept.unwrap_or_default().split(',');
    ranges
        .map(|range| range.split(';').next().unwrap_or_default().trim())
        .any(|range| range.eq_ignore_ascii_case(MEDIA_TYPE))
}

/// The same reply with messages before it; a reply with an error status stays as it is.
pub fn before(messages: &[String], reply: Reply) -> Reply {
    if messages.is_empty() || reply.status != 200 {
        return reply;
    }
    let events: String = messages.iter().map(|message| event(message)).collect();
    let mut stream = reply
        .header("Content-Type", MEDIA_TYPE)
        // Proxies may neither keep it nor wait for more of it.
        .header("Cache-Control", "no-cache")
        .header("X-Accel-Buffering", "no");
    stream.body = events + &event(&stream.body);
    stream
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
