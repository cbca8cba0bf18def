// Browsers and recordings, by the names that programs know them under.

import type { BrowserShape, KeptPicture, RecordingShape } from "../wire/rest.js";

/** A session's browser. */
export type Browser = BrowserShape;

/** A recording of a browser. */
export type PictureRecording = RecordingShape;

/** One picture of a recording. */
export type RecordedPicture = KeptPicture;
