// Routes of browsers and recordings, as they were agreed on; types only.

import type { LiveTab } from "../protocols/live/messages.js";

/** A session's browser. */
export interface Browser {
  readonly sessionId: string;
  readonly agentId: string;
  /** `opening`, `open` or `failed`. */
  readonly state: string;
  readonly url: string;
  readonly title: string;
  readonly tabs: readonly LiveTab[];
  readonly viewport: { readonly width: number; readonly height: number };
  /** What is wrong with it, in words. */
  readonly incident?: string | null;
  /** Since when it is in this state, in milliseconds since 1970. */
  readonly since: number;
  readonly live: boolean;
  readonly watchers: number;
  /** Who steers it. */
  readonly control: {
    readonly holder: { readonly name: string; readonly user: string } | null;
    /** Counts who steered; 0 if nobody ever did. */
    readonly epoch: number;
    /** When control ends by itself, in ISO 8601. */
    readonly until: string | null;
  };
}

/** A recording of a browser. */
export interface PictureRecording {
  readonly id: string;
  readonly sessionId: string;
  readonly startedAt: string;
  readonly endedAt?: string | null;
  readonly pictures: number;
  readonly bytes: number;
  readonly durationMs: number;
}

/** One picture of a recording. */
export interface RecordedPicture {
  readonly n: number;
  /** Since the recording began. */
  readonly atMs: number;
  readonly bytes: number;
  readonly mime: string;
}

type OfSession = { path: { session: string } };
type OfRecording = { path: { session: string; recording: string } };

declare module "../wire/rest.js" {
  interface Routes {
    "GET /api/v1/browsers": { answer: { browsers: readonly Browser[] } };
    "GET /api/v1/sessions/{session}/browser": OfSession & { answer: { browser: Browser } };
    "POST /api/v1/sessions/{session}/browser": OfSession & {
      body: { url?: string; width?: number; height?: number };
      answer: { browser: Browser };
    };
    "DELETE /api/v1/sessions/{session}/browser": OfSession & { answer: undefined };
    "POST /api/v1/sessions/{session}/browser/go": OfSession & {
      body: { url?: string; action?: string };
      answer: unknown;
    };
    "POST /api/v1/sessions/{session}/browser/tabs": OfSession & {
      body: { action: string; tab?: string };
      answer: unknown;
    };
    "POST /api/v1/sessions/{session}/browser/resize": OfSession & {
      body: { width: number; height: number };
      answer: unknown;
    };
    "POST /api/v1/sessions/{session}/viewer-token": OfSession & {
      body: { expires?: string };
      answer: { token: string; url: string; expiresAt: string };
    };
    "GET /api/v1/sessions/{session}/recordings": OfSession & {
      answer: { recordings: readonly PictureRecording[] };
    };
    "POST /api/v1/sessions/{session}/recordings": OfSession & {
      answer: { recording: PictureRecording };
    };
    "POST /api/v1/sessions/{session}/recordings/{recording}/stop": OfRecording & {
      answer: { recording: PictureRecording };
    };
    "GET /api/v1/sessions/{session}/recordings/{recording}": OfRecording & {
      answer: { recording: PictureRecording; pictures: readonly RecordedPicture[] };
    };
    "DELETE /api/v1/sessions/{session}/recordings/{recording}": OfRecording & {
      answer: undefined;
    };
    "GET /api/v1/sessions/{session}/recordings/{recording}/pictures/{picture}": {
      path: { session: string; recording: string; picture: string };
      answer: Response;
    };
    "GET /api/v1/sessions/{session}/recordings/{recording}/export": OfRecording & {
      answer: Response;
    };
  }
}
