// The command line with which a key is used.

const NAME = /^[A-Za-z0-9_-]+$/;

/** What to run on the agent's machine, and the file that it takes the key from. */
export function agentCommand(
  origin: string,
  name: string,
  agentId: string,
): { readonly file: string; readonly line: string } {
  const short = name.trim().replace(/\s+/g, "-");
  const id = agentId !== "" ? agentId : NAME.test(short) ? short : "NAME";
  const file = `${id}.key`;
  const server = origin.replace(/^http/, "ws");
  return {
    file,
    line: `pilothouse agent --server ${server} --id ${id} --key-file ${file} --data-dir ./${id}`,
  };
}
