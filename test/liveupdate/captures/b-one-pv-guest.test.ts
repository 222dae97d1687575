import { testRoundTrips } from './round-trips.ts';

testRoundTrips('B-one-pv-guest', 'the next version');
