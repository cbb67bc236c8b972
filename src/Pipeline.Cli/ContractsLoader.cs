using System.CommandLine;
using Pipeline.Cli.Applications;

namespace Pipeline.Cli;

/// <summary>Reads the contracts that a command line means.</summary>
internal delegate Task<AppContracts> ContractsLoader(ParseResult parsed, CancellationToken cancellationToken);
