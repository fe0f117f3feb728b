// The named queries of the program, one file an area. The list is what `findQuery` knows.
export {};
