import { VendorHttp, type VendorResponse } from '@keelson/core';
import type { CpanelWhmConfig } from './cpanel-whm.config.js';
import { malformedReply, refusalError, statusError } from './cpanel-whm.errors.js';

/** Arguments of a function. Booleans are 1 and 0. */
export type WhmArguments = Record<string, string | number | undefined>;

/** Fields of a reply, unchecked. */
export type WhmFields = Record<string, unknown>;

/** A function of UAPI and the account that it runs as. */
export interface UapiCall {
  user: string;
  module: string;
  function: string;
  arguments?: WhmArguments;
}

const secretArguments = ['password', 'pass', 'key'];

/**
 * Speaks WHM API 1, and UAPI through it.
 *
 * Calls that act are POSTs, which keeps their arguments out of access logs; calls that read are GETs. `output.raw` is
 * never looked at: it may hold passwords.
 * @see https://api.docs.cpanel.net/whm/introduction/
 */
export class CpanelWhmClient {
  private readonly http: VendorHttp;

  constructor({ url, username, apiToken, caPem, acceptAnyCertificate }: CpanelWhmConfig) {
    const headers = { authorization: `whm ${username}:${apiToken}` };
    this.http = new VendorHttp({ baseUrl: url, headers, caPem, acceptAnyCertificate });
  }

  /** Calls a function that changes nothing and returns its `data`, empty when it has none. */
  async read(name: string, args: WhmArguments = {}): Promise<WhmFields> {
    return this.call(name, args, false);
  }

  /** Calls a function that changes something and returns its `data`, empty when it has none. */
  async act(name: string, args: WhmArguments): Promise<WhmFields> {
    return this.call(name, args, true);
  }

  /** Calls a UAPI function that changes nothing and returns its `data`. */
  async readUapi(call: UapiCall): Promise<unknown> {
    return uapiData(await this.read('uapi_cpanel', uapiArguments(call)), call.arguments);
  }

  /** Calls a UAPI function that changes something and returns its `data`. */
  async actUapi(call: UapiCall): Promise<unknown> {
    return uapiData(await this.act('uapi_cpanel', uapiArguments(call)), call.arguments);
  }

  private async call(name: string, args: WhmArguments, acts: boolean): Promise<WhmFields> {
    const path = `/json-api/${name}`;
    const version = { 'api.version': 1 };
    const response = await this.http.request(
      acts
        ? { method: 'POST', path, query: version, form: args, acts }
        : { method: 'GET', path, query: { ...version, ...args }, acts },
    );
    return replyData(response, args, acts);
  }
}

function uapiArguments({ user, module, function: name, arguments: args }: UapiCall): WhmArguments {
  return { 'cpanel.user': user, 'cpanel.module': module, 'cpanel.function': name, ...args };
}

/** `metadata.result` is 1, 0, or the same as text; `data` may be absent, null or empty. */
function replyData(response: VendorResponse, args: WhmArguments, acts: boolean): WhmFields {
  if (response.status !== 200) throw statusError(response.status, acts);
  const reply = fieldsOf(response.json());
  const metadata = fieldsOf(reply?.metadata);
  if (metadata === undefined) throw oldShapeError(reply) ?? malformedReply('metadata');
  if (Number(metadata.result) === 1) return fieldsOf(reply?.data) ?? {};
  if (metadata.result === undefined || Number(metadata.result) !== 0) throw malformedReply('metadata.result');
  const { reason } = metadata;
  throw refusalError(typeof reason === 'string' ? reason : 'no reason given', secretsOf(args));
}

/** The shape of the first API, in which refusals of access arrive whatever version was asked for. */
function oldShapeError(reply: WhmFields | undefined): Error | undefined {
  const result = fieldsOf(reply?.cpanelresult);
  const reason = fieldsOf(result?.data)?.reason ?? result?.error;
  return typeof reason === 'string' ? refusalError(reason) : undefined;
}

/** The outer reply says that UAPI ran; the inner one says whether the function did what it was asked. */
function uapiData(data: WhmFields, args: WhmArguments = {}): unknown {
  const uapi = fieldsOf(data.uapi);
  const result = fieldsOf(uapi?.result) ?? uapi;
  if (result?.status === undefined) throw malformedReply('uapi.status');
  if (Number(result.status) === 1) return result.data;
  const errors = Array.isArray(result.errors) ? result.errors.filter((text) => typeof text === 'string') : [];
  throw refusalError(errors.join(' ') || 'no reason given', secretsOf(args));
}

function secretsOf(args: WhmArguments): string[] {
  return secretArguments.map((name) => args[name]).filter((secret): secret is string => typeof secret === 'string');
}

function fieldsOf(value: unknown): WhmFields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as WhmFields) : undefined;
}
