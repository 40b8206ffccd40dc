import { STATUS_CODES } from 'node:http';
import type { ProblemOptions } from './problem.errors.js';

/** RFC 9457 body, with `error` and `success` for clients that read those. */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  requestId: string;
  errors: { path: string; message: string }[];
  error: string;
  success: false;
  [member: string]: unknown;
}

/** The one error body of the API. */
export function problemBody(status: number, options: ProblemOptions, requestId: string): ProblemBody {
  const title = STATUS_CODES[status] ?? 'Error';
  return {
    ...options.members,
    type: `urn:keelson:problem:${options.code}`,
    title,
    status,
    detail: options.detail,
    code: options.code,
    requestId,
    errors: options.errors ?? [],
    error: title,
    success: false,
  };
}
