import { testRoundTrips } from './round-trips.ts';

testRoundTrips('C-many-guests', 'versions near and far');
