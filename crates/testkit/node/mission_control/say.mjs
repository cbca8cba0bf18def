// What a client saw, one JSON line each, for the test that started it.
export const say = (what, rest = {}) => console.log(JSON.stringify({ what, ...rest }));
