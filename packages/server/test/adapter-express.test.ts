import { createServer } from 'node:http';
import express from 'express';
import { conformanceOfAwaits } from './conformance-awaits.suite.ts';
import { conformance } from './conformance.suite.ts';
import { wsSubject } from './ws-subject.ts';

const throughExpress = wsSubject('Express, through its HTTP server', {
  makeServer: () => {
    const app = express();
    app.get('/', (_request, response) => void response.send('plain'));
    return createServer(app);
  },
});

conformance(throughExpress);
conformanceOfAwaits(throughExpress);
