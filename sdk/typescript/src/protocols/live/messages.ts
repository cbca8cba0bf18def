// What is said at a view door: pictures of a session's browser, how it is, who steers, and what the holder does to it.

/** What the browser said about a picture when it was taken. Lengths are CSS pixels of the shown page. */
export interface PictureMetadata {
  readonly deviceWidth: number;
  readonly deviceHeight: number;
  readonly pageScaleFactor?: number;
  readonly offsetTop?: number;
  readonly scrollOffsetX?: number;
  readonly scrollOffsetY?: number;
}

/** One picture, as bytes, however it came. */
export interface LivePicture {
  readonly sessionId: string;
  /** A JPEG or a PNG. */
  readonly bytes: Uint8Array;
  readonly mime: string;
  /** When it was taken, in seconds since 1970; nothing if its producer does not say. */
  readonly timestamp: number | null;
  /** Its number; absent from producers of other kinds that are watched as text. */
  readonly seq?: number;
  readonly metadata?: PictureMetadata;
}

/** How the stream is. */
export interface LiveStatus {
  readonly sessionId: string;
  /** Whether pictures can come: somebody sends them. */
  readonly live: boolean;
  /** Why not, in words. */
  readonly reason?: string;
  readonly viewportWidth?: number;
  readonly viewportHeight?: number;
  readonly url?: string;
  readonly title?: string;
  readonly recording: boolean;
}

/** One tab of a browser. */
export interface LiveTab {
  readonly id: string;
  readonly title: string;
  readonly url: string;
  readonly active: boolean;
}

/** Somebody who watches. */
export interface LiveWatcher {
  readonly name: string;
  readonly role: string;
  readonly connections: number;
}

/** Who steers, as this viewer has to know it. */
export interface LiveControl {
  readonly holder: {
    readonly name: string;
    readonly user: string;
    /** The connection of whoever steers broke; they may still come back. */
    readonly away?: boolean;
  } | null;
  /** Whether this very connection steers. */
  readonly you: boolean;
  /** Counts who steered; what an earlier one asked does nothing any more. */
  readonly epoch: number;
  /** When control ends by itself, in ISO 8601. */
  readonly until?: string;
  /** It ends soon unless it is renewed. */
  readonly warning?: boolean;
  /** Who asks for control, the longest first. */
  readonly waiting: readonly { readonly id: string; readonly name: string }[];
  /** Whether this very connection asks for control, and was not answered yet. */
  readonly asked?: boolean;
  /** Whether this viewer may steer at all. */
  readonly mayRequest: boolean;
}

/** Something was refused. */
export interface LiveRefusal {
  /** Such as `NOT_IN_CONTROL`. */
  readonly code: string;
  readonly message: string;
}

/** Which keys are held down: 1 Alt, 2 Control, 4 Meta, 8 Shift, added. */
export type Modifiers = number;

/** What is done to a browser. Places are CSS pixels of the picture that `seq` names. */
export type BrowserInput =
  | {
      readonly type: "input_mouse";
      readonly eventType: "mousePressed" | "mouseReleased" | "mouseMoved" | "mouseWheel";
      readonly x: number;
      readonly y: number;
      readonly button?: "none" | "left" | "middle" | "right" | "back" | "forward";
      readonly clickCount?: number;
      readonly deltaX?: number;
      readonly deltaY?: number;
      readonly modifiers?: Modifiers;
      readonly seq?: number;
    }
  | {
      readonly type: "input_keyboard";
      readonly eventType: "keyDown" | "keyUp" | "char";
      readonly key?: string;
      readonly code?: string;
      readonly text?: string;
      readonly modifiers?: Modifiers;
      readonly seq?: number;
    }
  | {
      readonly type: "input_touch";
      readonly eventType: "touchStart" | "touchMove" | "touchEnd" | "touchCancel";
      readonly touchPoints: readonly {
        readonly x: number;
        readonly y: number;
        readonly id?: number;
      }[];
      readonly modifiers?: Modifiers;
      readonly seq?: number;
    }
  | { readonly type: "input_clipboard"; readonly text: string; readonly seq?: number }
  | { readonly type: "input_copy"; readonly seq?: number };

/** What is asked about control. `id` says whose request is answered. */
export type ControlAction = "request" | "release" | "grant" | "decline" | "take" | "renew";

/** How pictures come: as fast as they are made, or each after the last was acknowledged. */
export type Pacing = "none" | "ack";

/** What a viewer says. */
export type ViewerMessage =
  | BrowserInput
  | { readonly type: "control"; readonly action: ControlAction; readonly id?: string }
  | { readonly type: "config"; readonly maxFps?: number; readonly pacing?: Pacing }
  | { readonly type: "ack"; readonly seq?: number }
  | { readonly type: "resize"; readonly width: number; readonly height: number }
  | { readonly type: "status" };

/** What is told to a viewer, pictures unpacked. */
export type LiveMessage =
  | { readonly type: "frame"; readonly picture: LivePicture }
  | ({ readonly type: "status" } & LiveStatus)
  | { readonly type: "tabs"; readonly tabs: readonly LiveTab[] }
  | { readonly type: "watchers"; readonly watchers: readonly LiveWatcher[] }
  | ({ readonly type: "control" } & LiveControl)
  | { readonly type: "clipboard"; readonly text: string }
  | ({ readonly type: "error" } & LiveRefusal);

/** The types of messages from the server. */
export const LIVE_SERVER_MESSAGE_TYPES = {
  frame: true,
  status: true,
  tabs: true,
  watchers: true,
  control: true,
  clipboard: true,
  error: true,
} as const satisfies Record<LiveMessage["type"], true>;
