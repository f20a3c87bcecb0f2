use super::*;

const NOW: i64 = 1_000_000;

fn sealer() -> TokenCodec {
    TokenCodec::new("secret").unwrap()
}

fn map(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn input_context(bounds: [&str; 4]) -> InputContext {
    InputContext {
        purpose: "tools/call".into(),
        bounds: bounds.map(str::to_owned).to_vec(),
        capabilities: map(json!({"elicitation": {}, "roots": {}})),
        answers: Map::new(),
        answered: None,
        waiter: None,
        confirmed: None,
    }
}

fn mine() -> InputContext {
    input_context(["7", "key 1", "confirm", "digest"])
}

fn form(field: &str) -> Value {
    json!({"method": "elicitation/create", "params": {"message": format!("Your {field}?"), "requestedSchema": {
        "type": "object", "properties": {field: {"type": "string"}}, "required": [field]}}})
}

fn question() -> InputRequests {
    InputRequests::of_outcome(&json!({
        "requests": {"name": form("name"), "colour": form("colour")}, "state": {"step": 1}}))
    .unwrap()
}

fn accept(content: Value) -> Value {
    json!({"action": "accept", "content": content})
}

/// The signed state of an input-required result.
fn state(result: &Map<String, Value>) -> String {
    assert_eq!(result["resultType"], "input_required");
    result["requestState"].as_str().unwrap().to_owned()
}

fn asked(question: InputRequests) -> Map<String, Value> {
    mine().ask(&sealer(), question, &Map::new(), NOW).unwrap()
}

/// The outcome of a retry with that state and those responses.
fn retried(state: &str, answers: Value) -> InputOutcome {
    let question = mine().open(&sealer(), state, NOW + 1).unwrap();
    mine()
        .weigh(&sealer(), question, &map(answers), NOW + 1)
        .unwrap()
}

fn texts(begun: InputOutcome) -> Value {
    let mut step = json!({});
    match begun {
        InputOutcome::Run(input_context) => input_context.tell(&mut step),
        InputOutcome::InputRequired(result) => panic!("{result:?}"),
    }
    step
}

fn asks(begun: InputOutcome) -> Map<String, Value> {
    match begun {
        InputOutcome::Run(_) => panic!("it runs"),
        InputOutcome::InputRequired(result) => result,
    }
}

#[test]
fn all_answers_come_to_the_method_with_its_state() {
    let result = asked(question());
    assert_eq!(
        result["inputRequests"],
        json!({"name": form("name"), "colour": form("colour")})
    );
    let answers = json!({"name": accept(json!({"name": "Ann"})), "colour": {"action": "decline"}, "other": 5});
    assert_eq!(
        texts(retried(&state(&result), answers)),
        json!({"capabilities": {"elicitation": {}, "roots": {}}, "input_state": {"step": 1},
               "inputs": {"name": accept(json!({"name": "Ann"})), "colour": {"action": "decline"}}})
    );
}

#[test]
fn what_is_missing_or_wrong_is_asked_again_and_the_rest_is_kept() {
    let first = asked(question());
    let again = asks(retried(&state(&first), json!({})));
    assert_eq!(again["inputRequests"].as_object().unwrap().len(), 2);
    let answers =
        json!({"name": accept(json!({"name": "Ann"})), "colour": accept(json!({"colour": 5}))});
    let again = asks(retried(&state(&first), answers));
    let open = again["inputRequests"].as_object().unwrap();
    assert_eq!(open.keys().collect::<Vec<_>>(), ["colour"]);
    let message = open["colour"]["params"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("Your colour?\n(The answer before could not be taken: `colour`"),
        "{message}"
    );
    // The next message starts from the original question again.
    let more = asks(retried(&state(&again), json!({"colour": 12345})));
    let message = more["inputRequests"]["colour"]["params"]["message"]
        .as_str()
        .unwrap();
    assert_eq!(message.matches("could not be taken").count(), 1);
    let step = texts(retried(
        &state(&more),
        json!({"colour": accept(json!({"colour": "red"}))}),
    ));
    assert_eq!(step["inputs"]["name"]["content"]["name"], "Ann");
    assert_eq!(step["inputs"]["colour"]["content"]["colour"], "red");
}

#[test]
fn a_state_alone_is_enough_where_nothing_is_asked() {
    let question = InputRequests::of_outcome(&json!({"requests": {}, "state": "later"})).unwrap();
    let result = asked(question);
    assert!(!result.contains_key("inputRequests"));
    assert_eq!(
        texts(retried(&state(&result), json!({})))["input_state"],
        "later"
    );
}

#[test]
fn a_state_is_believed_only_as_it_was_given_and_for_ten_minutes() {
    let state = state(&asked(question()));
    assert!(mine().open(&sealer(), &state, NOW + SECONDS - 1).is_ok());
    let refused = |input_context: &InputContext, state: &str, now: i64| {
        let error = input_context.open(&sealer(), state, now).unwrap_err();
        let (status, object) = error.to_json_rpc();
        assert_eq!(
            (status, object["code"].as_i64()),
            (200, Some(code::INVALID_PARAMS))
        );
    };
    refused(&mine(), &state, NOW + SECONDS);
    for other in [
        ["8", "key 1", "confirm", "digest"],
        ["7", "key 2", "confirm", "digest"],
        ["7", "password", "confirm", "digest"],
        ["7", "key 1", "other", "digest"],
        ["7", "key 1", "confirm", "other"],
    ] {
        refused(&input_context(other), &state, NOW);
    }
    let prompt = InputContext {
        purpose: "prompts/get".into(),
        ..mine()
    };
    refused(&prompt, &state, NOW);
    for forged in [
        format!("{state}-TAMPERED"),
        state[1..].to_owned(),
        String::new(),
        "x.y".into(),
    ] {
        refused(&mine(), &forged, NOW);
    }
    let other = TokenCodec::new("of a copy").unwrap();
    assert!(mine().open(&other, &state, NOW).is_err());
}

#[test]
fn a_client_is_asked_only_what_it_can_answer() {
    let sampling =
        json!({"method": "sampling/createMessage", "params": {"messages": [{}], "maxTokens": 1}});
    let question =
        InputRequests::of_outcome(&json!({"requests": {"a": sampling, "b": form("x")}})).unwrap();
    let error = mine()
        .ask(&sealer(), question, &Map::new(), NOW)
        .unwrap_err();
    let (status, object) = error.to_json_rpc();
    assert_eq!(
        (status, object["code"].as_i64()),
        (400, Some(code::MISSING_CAPABILITY))
    );
    assert_eq!(
        object["data"],
        json!({"requiredCapabilities": {"sampling": {}, "elicitation": {}}})
    );
}

#[test]
fn what_cannot_be_asked_or_kept_is_the_authors() {
    for error in [
        json!({}),
        json!({"requests": {}}),
        json!({"requests": {"a": {"method": "tools/list"}}}),
        json!({"requests": {"a": form("x"), "b": {"method": "elicitation/create", "params": {}}}, "state": 1}),
    ] {
        assert!(InputRequests::of_outcome(&error).is_err(), "{error}");
    }
    let large = json!({"requests": {"a": form("x")}, "state": "x".repeat(MOST_BYTES)});
    let question = InputRequests::of_outcome(&large).unwrap();
    let error = mine()
        .ask(&sealer(), question, &Map::new(), NOW)
        .unwrap_err();
    assert!(
        matches!(error, Error::Tool { .. }) && error.to_string().contains("bytes"),
        "{error}"
    );
}

#[test]
fn answers_that_are_too_long_to_be_kept_are_asked_for_again() {
    let first = asked(question());
    let long = json!({"name": accept(json!({"name": "x".repeat(MOST_BYTES)}))});
    let again = asks(retried(&state(&first), long));
    assert_eq!(again["inputRequests"].as_object().unwrap().len(), 2);
    assert!(state(&again).len() < MOST_BYTES);
}
