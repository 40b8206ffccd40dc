import { IsBoolean, IsOptional, IsString, IsUrl } from 'class-validator';
import { Setting, type SettingOptions } from './setting.decorator.js';

/** A setting that is the http(s) address of a vendor's API, without credentials in it. */
export function UrlSetting(options: SettingOptions): PropertyDecorator {
  const url = IsUrl({ protocols: ['https', 'http'], require_protocol: true, require_tld: false, disallow_auth: true });
  return (target, property) => {
    Setting(options)(target, property);
    url(target, property);
  };
}

/**
 * Settings of vendors that are servers of the operator's own, whose certificates may be their own too. Extend it, and give both to
 * `VendorHttp`; they are listed after the settings of the class.
 */
export class TlsSettings {
  @Setting({
    description: 'PEM of the authority that signed the certificate of the server, where it is not a public one.',
  })
  @IsOptional()
  @IsString()
  caPem?: string;

  @Setting({
    description: 'Accepts any certificate of the server. Only over a network that is trusted.',
    example: false,
  })
  @IsOptional()
  @IsBoolean()
  acceptAnyCertificate?: boolean;
}
