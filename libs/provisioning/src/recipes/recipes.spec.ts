import { describe, expect, it } from '@jest/globals';
import { productTypes } from '@keelson/core';
import { RecipeRegistry } from '../engine/recipe-registry.js';
import { allRecipes } from '../lifecycle/all-recipes.js';
import { provisionRecipeOf } from './provision-recipes.js';
import type { RecipeTools } from './recipe-tools.js';

/** Declaring a recipe uses none of its tools but the settings. */
const registry = new RecipeRegistry(allRecipes({ settings: {} } as RecipeTools));

/** `step ← what it waits for`, marked `!` for the pivot and `?` for what is optional. */
const readable = (name: string) =>
  registry.newest(name).steps.map((step) => {
    const mark = { before: '', pivot: '!', after: '' }[step.phase] + (step.optional ? '?' : '');
    const via = [step.port?.id, step.capability].filter(Boolean).join('/');
    return `${step.name}${mark}${via && ` via ${via}`}${step.after.length > 0 ? ` ← ${step.after.join(', ')}` : ''}`;
  });

describe('the recipes', () => {
  it('make hosting: the account first, all else beside it, the purchase last', () => {
    expect(readable('hosting.provision')).toEqual([
      'assign_server',
      'create_account via provisioner ← assign_server',
      'setup_dns via dns ← create_account',
      'provision_email via mailbox ← create_account',
      'create_database via provisioner/database ← create_account',
      'register_domain! via registrar ← assign_server, create_account, setup_dns, provision_email, create_database',
      'transfer_domain! via registrar ← assign_server, create_account, setup_dns, provision_email, create_database',
      'configure_domain? via registrar ← register_domain, transfer_domain',
      'secure_dns? via dns/dnssec ← configure_domain, register_domain, transfer_domain',
      'install_ssl? via ssl ← configure_domain, register_domain, transfer_domain',
      'send_welcome_email? via mail ← register_domain, transfer_domain',
    ]);
  });

  it('make mail of a domain', () => {
    expect(readable('email.provision')).toEqual([
      'assign_server',
      'create_account via provisioner ← assign_server',
      'setup_dns via dns ← create_account',
      'provision_email via mailbox ← create_account',
      'register_domain! via registrar ← assign_server, create_account, setup_dns, provision_email',
      'transfer_domain! via registrar ← assign_server, create_account, setup_dns, provision_email',
      'configure_domain? via registrar ← register_domain, transfer_domain',
      'secure_dns? via dns/dnssec ← configure_domain, register_domain, transfer_domain',
      'send_welcome_email? via mail ← register_domain, transfer_domain',
    ]);
  });

  it('buy a domain, or move it to us', () => {
    expect(readable('domain.provision')).toEqual([
      'setup_dns via dns',
      'register_domain! via registrar ← setup_dns',
      'transfer_domain! via registrar ← setup_dns',
      'configure_domain? via registrar ← register_domain, transfer_domain',
      'secure_dns? via dns/dnssec ← configure_domain, register_domain, transfer_domain',
      'send_welcome_email? via mail ← register_domain, transfer_domain',
    ]);
  });

  it('issue a licence, which is taken back until its key is mailed', () => {
    expect(readable('licence.provision')).toEqual(['issue_licence', 'send_welcome_email!? via mail ← issue_licence']);
  });

  it('make an account and nothing around it', () => {
    expect(readable('account.provision')).toEqual(['assign_server', 'create_account via provisioner ← assign_server']);
  });

  it('take back every step before the pivot, and none after it', () => {
    for (const { steps } of registry.list()) {
      for (const { name, phase, undo } of steps) expect([name, undo !== undefined]).toEqual([name, phase === 'before']);
    }
  });

  it('are there for every type of product', () => {
    for (const type of productTypes) expect(registry.newest(provisionRecipeOf(type)).steps.length).toBeGreaterThan(0);
  });
});
