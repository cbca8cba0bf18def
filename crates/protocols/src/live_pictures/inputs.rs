//! What a viewer does in a browser, from the wire's words to the core's.

use pilothouse_core::browsers::{
    Button, Input, KeyEvent, Keyboard, Mouse, MouseEvent, Touch, TouchEvent, TouchPoint, Viewport,
};

use super::messages::{
    ClipboardText, KeyEventType, KeyboardInput, MouseButton, MouseEventType, MouseInput, PageSize,
    TouchEventType, TouchInput,
};

/// How many fingers count.
const MOST_FINGERS: usize = 10;

pub(super) fn mouse(input: &MouseInput) -> Input {
    Input::Mouse(Mouse {
        event: match input.event_type {
            MouseEventType::MousePressed => MouseEvent::Pressed,
            MouseEventType::MouseReleased => MouseEvent::Released,
            MouseEventType::MouseMoved => MouseEvent::Moved,
            MouseEventType::MouseWheel => MouseEvent::Wheel,
        },
        x: input.x,
        y: input.y,
        button: match input.button {
            MouseButton::None => Button::None,
            MouseButton::Left => Button::Left,
            MouseButton::Middle => Button::Middle,
            MouseButton::Right => Button::Right,
            MouseButton::Back => Button::Back,
            MouseButton::Forward => Button::Forward,
        },
        click_count: input.click_count,
        delta_x: input.delta_x,
        delta_y: input.delta_y,
        modifiers: input.modifiers,
        seq: input.seq,
    })
}

pub(super) fn keyboard(input: KeyboardInput) -> Input {
    Input::Keyboard(Keyboard {
        event: match input.event_type {
            KeyEventType::KeyDown => KeyEvent::Down,
            KeyEventType::KeyUp => KeyEvent::Up,
            KeyEventType::Char => KeyEvent::Character,
        },
        key: input.key.into(),
        code: input.code.into(),
        text: input.text.into(),
        modifiers: input.modifiers,
    })
}

pub(super) fn touch(input: &TouchInput) -> Input {
    let fingers = input.touch_points.iter().take(MOST_FINGERS);
    let points = fingers.map(|finger| TouchPoint { x: finger.x, y: finger.y, id: finger.id });
    Input::Touch(Touch {
        event: match input.event_type {
            TouchEventType::TouchStart => TouchEvent::Start,
            TouchEventType::TouchMove => TouchEvent::Move,
            TouchEventType::TouchEnd => TouchEvent::End,
            TouchEventType::TouchCancel => TouchEvent::Cancel,
        },
        points: points.collect(),
        seq: input.seq,
    })
}

pub(super) fn paste(input: ClipboardText) -> Input {
    Input::Paste(input.text.into())
}

/// The nearest size that pages can have.
pub(super) fn viewport(size: PageSize) -> Viewport {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the number is between 0 and the most"
    )]
    let side = |side: f64| side.round().clamp(0.0, f64::from(Viewport::LONGEST)) as u32;
    Viewport::clamped(side(size.width), side(size.height))
}
