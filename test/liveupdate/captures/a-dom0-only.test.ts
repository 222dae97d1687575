import { testRoundTrips } from './round-trips.ts';

testRoundTrips('A-dom0-only', 'the next version');
