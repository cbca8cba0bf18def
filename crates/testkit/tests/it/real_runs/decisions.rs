//! Runs that a model decides: told over HTTP what a real browser shows, and obeyed in it.

use serde_json::{Value, json};

use super::{
    Front, completion, kinds,
    model::{KEY, Model, Says},
    numbers,
};

#[test]
fn a_task_is_decided_by_a_model_and_done_again_without_it() {
    let front = Front::deciding(|shop| Model::that_orders(shop.url("")));
    let run = front.make(&json!({"task": "Order green tea for Ann"}));
    let mut client = front.client(&run);
    let over = completion(&mut client);
    assert_eq!(over["status"], "success", "{over}");
    assert_eq!(over["finalAnswer"], "It is ordered.");
    assert_eq!(kinds(&over["commands"]), ["navigate", "click", "type", "click"]);
    assert_eq!(numbers(&client), [1, 2, 3, 4, 5]);
    assert_eq!(front.shop.orders(), ["name=Ann"]);
    let step = client.seen.iter().find(|line| line["message"]["stepNumber"] == 3).unwrap();
    assert_eq!(step["message"]["explanation"], "Ann is who wants it");
    let asked = front.model.as_ref().unwrap().heard();
    assert_eq!(asked.len(), 5);
    let last = asked.last().unwrap();
    assert_eq!(last["model"], "model-1");
    let content = &last["messages"].as_array().unwrap().last().unwrap()["content"];
    assert!(content[0]["text"].as_str().unwrap().contains("Order green tea for Ann"));
    let picture = content[1]["image_url"]["url"].as_str().unwrap();
    assert!(picture.starts_with("data:image/jpeg;base64,/9j/"));
    // No command has a reference, which would mean something else to another browser.
    let commands = over["commands"].as_array().unwrap();
    assert!(commands.iter().all(|it| it.get("ref").is_none() && it["type"] != "done"));
    let again = front.make(&json!({"replay": run}));
    let told = front.over(&again);
    assert_eq!(told["run"]["status"], "COMPLETED", "{told}");
    assert_eq!(front.shop.orders(), ["name=Ann", "name=Ann"]);
    assert_eq!(front.model.as_ref().unwrap().heard().len(), 5, "nobody was asked");
    front.wait_until_clean();
}

#[test]
fn a_model_that_refuses_fails_the_run_and_its_key_is_told_to_nobody() {
    let words = "Incorrect API key provided: sk-that-nobody-may-read.";
    let front = Front::deciding(|_| Model::that(move |_| Says::Refuses("401 Unauthorized", words)));
    let run = front.make(&json!({"task": "Order green tea for Ann"}));
    let mut client = front.client(&run);
    let over = completion(&mut client);
    assert_eq!(over["status"], "failed", "{over}");
    assert!(over["error"].as_str().unwrap().contains("401"), "{over}");
    let told = front.told(&run).to_string() + &json!(client.seen).to_string();
    assert!(!told.contains(KEY), "{told}");
    assert_eq!(front.model.as_ref().unwrap().heard().len(), 1, "it is no use to ask again");
}

#[test]
fn a_task_without_a_model_says_what_to_do() {
    let front = Front::start();
    let run = front.make(&json!({"task": "Order green tea for Ann"}));
    let told = front.over(&run);
    let error = told["run"]["error"].as_str().unwrap();
    assert!(error.contains("PILOTHOUSE_LLM_MODEL"), "{error}");
    assert_eq!(told["steps"], json!([]));
}

#[test]
fn a_model_asks_a_person_and_goes_on_with_the_answer() {
    let front = Front::deciding(|_| {
        Model::that(|told| {
            if told.contains("the green one") {
                Says::Call("done", json!({"answer": "It is to be green."}))
            } else {
                Says::Call("ask", json!({"question": "Which tea?"}))
            }
        })
    });
    let run = front.make(&json!({"task": "Find out which tea"}));
    let waits = front.waits(&run);
    assert_eq!((&waits["kind"], &waits["text"]), (&json!("question"), &json!("Which tea?")));
    let reply = json!({"waitId": waits["id"], "text": "the green one"});
    assert_eq!(front.ask(&format!("POST /api/runs/{run}/reply"), &reply).status, 200);
    let told = front.over(&run);
    assert_eq!(told["run"]["answer"], "It is to be green.", "{told}");
    assert_eq!(told["run"]["waiting"], Value::Null);
}
