import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newSecret, signedHeaders } from '../../../lib/invoice/webhooks/signature.ts';

describe('the signature', () => {
  it('is that of the vector that the libraries of Standard Webhooks are tested with', () => {
    const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' };
    expect(signedHeaders(message, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('stands there once for each secret', () => {
    const message = { id: 'a', timestamp: 1, body: '{}' };
    const secrets = [newSecret(), newSecret()];
    const given = signedHeaders(message, secrets)['webhook-signature']?.split(' ');
    expect(given).toEqual(
      secrets.map((secret) => {
        const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
        expect(key).toHaveLength(32);
        return `v1,${createHmac('sha256', key).update('a.1.{}').digest('base64')}`;
      }),
    );
  });
});
