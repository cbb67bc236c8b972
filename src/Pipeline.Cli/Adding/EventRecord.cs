using System.Reflection;
using Pipeline.Cli.Applications;
using Pipeline.Contracts;

namespace Pipeline.Cli.Adding;

/// <summary>The record of an event, as code that handles it needs it. The catalog may not have it yet.</summary>
/// <param name="Record">The record.</param>
/// <param name="Destination">The topic.</param>
/// <param name="SubjectRule">The rule of the subject.</param>
internal sealed record EventRecord(Type Record, string Destination, string SubjectRule)
{
    /// <summary>Gets the name of the record.</summary>
    public string Name => Record.Name;

    /// <summary>Gets its namespace.</summary>
    public string Namespace => Record.Namespace!;

    /// <summary>Finds the event by its type, its name or the name of its record.</summary>
    /// <exception cref="CliFailure">There is none, or it is a command or reply, which only its receiver handles.</exception>
    public static EventRecord Find(AppContracts contracts, string given)
    {
        if (New(contracts, given) is { } record)
        {
            var message = record.GetCustomAttribute<MessageAttribute>()!;
            return message.MessageKind.IsEvent() ? new EventRecord(record, message.Destination, message.Subject) : throw NoEvent(message.Type, message.Destination);
        }

        var contract = contracts.All.FirstOrDefault(c => c.DataType.Name == given) ?? ContractsCommand.Find(contracts, given);
        return contract.IsEvent ? new EventRecord(contract.DataType, contract.Destination, contract.SubjectRule) : throw NoEvent(contract.Type, contract.Destination);
    }

    /// <summary>Gets C# that makes one, for a test of a handler.</summary>
    public string Example()
    {
        var parameters = Record.GetConstructors(BindingFlags.Public | BindingFlags.Instance).MaxBy(c => c.GetParameters().Length)!.GetParameters();
        return $"new {Name}({string.Join(", ", parameters.Select(p => ExampleOf(p.ParameterType)))})";
    }

    /// <summary>The record of that name or type that the catalog does not have; <see langword="null"/> if there is none.</summary>
    private static Type? New(AppContracts contracts, string given)
    {
        bool IsMeant(Type record)
        {
            var type = record.GetCustomAttribute<MessageAttribute>()!.Type;
            return record.Name == given || type == given || (type.Split('.') is [.., var name, var version] && (name == given || $"{name}.{version}" == given));
        }

        return contracts.Declared.FirstOrDefault(record => contracts.All.All(c => c.DataType != record) && IsMeant(record));
    }

    private static CliFailure NoEvent(string type, string queue) =>
        new($"'{type}' is no event: only the service that receives the queue '{queue}' handles it.");

    private static string ExampleOf(Type type) =>
        type == typeof(string) ? "\"a\""
        : type == typeof(int) || type == typeof(long) || type == typeof(decimal) ? "1"
        : type == typeof(bool) ? "true"
        : type == typeof(DateTimeOffset) ? "DateTimeOffset.UnixEpoch"
        : type.IsGenericType && typeof(System.Collections.IEnumerable).IsAssignableFrom(type) ? "[]"
        : "null!";
}
