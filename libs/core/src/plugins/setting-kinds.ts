import { IsBoolean, IsOptional, IsString, IsUrl } from 'class-validator';
import { Setting, type SettingOptions } from './setting.decorator.js';

/** A setting that is the http(s) address of a vendor's API, without credentials in it. */
export function UrlSetting(options: SettingOptions): PropertyDecorator {
  const url = IsUrl({ protocols: ['https', 'http'], require_protocol: true, require_tld: false, disallow_auth: true });
  return all(Setting(options), url);
}

/** The optional setting `caPem`: whom a server's certificate is signed by. Give it to `VendorHttp`. */
export function CaPemSetting(): PropertyDecorator {
  const description = 'PEM of the authority that signed the certificate of the server, where it is not a public one.';
  return all(Setting({ description }), IsOptional(), IsString());
}

/** The optional setting `acceptAnyCertificate`. Give it to `VendorHttp`. */
export function AnyCertificateSetting(): PropertyDecorator {
  const description = 'Accepts any certificate of the server. Only over a network that is trusted.';
  return all(Setting({ description, example: false }), IsOptional(), IsBoolean());
}

function all(...decorators: PropertyDecorator[]): PropertyDecorator {
  return (target, property) => {
    for (const decorate of decorators) decorate(target, property);
  };
}
