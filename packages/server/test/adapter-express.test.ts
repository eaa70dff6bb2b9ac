import { createServer } from 'node:http';
import express from 'express';
import { conformance } from './conformance.suite.ts';
import { wsSubject } from './ws-subject.ts';

conformance(
  wsSubject('Express, through its HTTP server', {
    makeServer: () => {
      const app = express();
      app.get('/', (_request, response) => void response.send('plain'));
      return createServer(app);
    },
  }),
);
