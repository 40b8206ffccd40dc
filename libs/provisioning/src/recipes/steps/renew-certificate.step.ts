import { tryCertificate } from '../../certificates/certificate-try.js';
import type { RecipeTools } from '../recipe-tools.js';
import { type CertificateStep, certificateStep } from './install-ssl.step.js';

/**
 * Obtains the next certificate and puts it in the place of the one before, which stays valid and in use until then. Optional, as the
 * task of it must give way to whatever else is done to the service: the schedule makes another try.
 */
export function renewCertificate(tools: RecipeTools): CertificateStep {
  return certificateStep(tools, (context) => tryCertificate(tools, context));
}
