import { dnsPort } from './dns.port.js';
import { mailPort } from './mail.port.js';
import { mailboxPort } from './mailbox.port.js';
import { paymentPort } from './payment.port.js';
import { provisionerPort } from './provisioner.port.js';
import { registrarPort } from './registrar.port.js';
import { sslPort } from './ssl.port.js';
/** Every port of this core, by id. */ export const ports = {
    provisioner: provisionerPort,
    registrar: registrarPort,
    dns: dnsPort,
    ssl: sslPort,
    mail: mailPort,
    mailbox: mailboxPort,
    payment: paymentPort
};
/** The port of that id, or undefined. */ export function findPort(id) {
    return Object.hasOwn(ports, id) ? ports[id] : undefined;
}

//# sourceMappingURL=all-ports.js.map
