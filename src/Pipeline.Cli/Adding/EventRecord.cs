using System.Reflection;
using Pipeline.Contracts;

namespace Pipeline.Cli.Adding;

/// <summary>The record of an event, as code that handles it needs it.</summary>
/// <param name="Contract">The event.</param>
internal sealed record EventRecord(Contract Contract)
{
    /// <summary>Gets the name of the record.</summary>
    public string Name => Contract.DataType.Name;

    /// <summary>Gets its namespace.</summary>
    public string Namespace => Contract.DataType.Namespace!;

    /// <summary>Finds the event by its type, its name or the name of its record.</summary>
    /// <exception cref="CliFailure">There is none, or it is a command or reply, which only its receiver handles.</exception>
    public static EventRecord Find(Applications.AppContracts contracts, string given)
    {
        var contract = contracts.All.FirstOrDefault(c => c.DataType.Name == given) ?? ContractsCommand.Find(contracts, given);
        return contract.IsEvent
            ? new EventRecord(contract)
            : throw new CliFailure($"'{contract.Type}' is no event: only the service that receives the queue '{contract.Destination}' handles it.");
    }

    /// <summary>Gets C# that makes one, for a test of a handler.</summary>
    public string Example()
    {
        var parameters = Contract.DataType.GetConstructors(BindingFlags.Public | BindingFlags.Instance).MaxBy(c => c.GetParameters().Length)!.GetParameters();
        return $"new {Name}({string.Join(", ", parameters.Select(p => ExampleOf(p.ParameterType)))})";
    }

    private static string ExampleOf(Type type) =>
        type == typeof(string) ? "\"a\""
        : type == typeof(int) || type == typeof(long) || type == typeof(decimal) ? "1"
        : type == typeof(bool) ? "true"
        : type == typeof(DateTimeOffset) ? "DateTimeOffset.UnixEpoch"
        : type.IsGenericType && typeof(System.Collections.IEnumerable).IsAssignableFrom(type) ? "[]"
        : "null!";
}
