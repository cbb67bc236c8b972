using System.Reflection;
using Pipeline.Consumers;
using Pipeline.Contracts;

namespace Pipeline.AzureFunctions.Configuration;

/// <summary>Records and consumers that are declared in code, but were not there when the catalogs were generated.</summary>
internal static class UnlistedDefinitions
{
    private const BindingFlags Static = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>An error for each, with the command that adds it.</summary>
    /// <param name="contracts">The contracts that are in the catalog.</param>
    /// <param name="consumers">The consumers that are in the catalog.</param>
    public static IEnumerable<string> Errors(IReadOnlyList<Contract> contracts, IReadOnlyList<Consumer> consumers)
    {
        var records = contracts.Select(c => c.DataType.Assembly).Distinct();
        var services = consumers.Select(c => c.GetType().GetGenericArguments()[0].Assembly).Distinct();
        var listed = contracts.Select(c => c.DataType).ToHashSet();
        foreach (var record in records.SelectMany(r => r.GetTypes()).Where(t => t.IsDefined(typeof(MessageAttribute), inherit: false) && !listed.Contains(t)))
            yield return $"'{record}' declares a message that is not in the catalog; run: {ContractFiles.GenerateCommand}";
        var properties = services.SelectMany(s => s.GetTypes()).Where(t => !t.ContainsGenericParameters).SelectMany(t => t.GetProperties(Static))
            .Where(p => typeof(Consumer).IsAssignableFrom(p.PropertyType) && p.GetMethod is { IsPrivate: false });
        foreach (var property in properties)
        {
            if (property.GetValue(null) is not Consumer consumer || !consumers.Contains(consumer))
            {
                yield return $"'{property.DeclaringType}.{property.Name}' defines a consumer that is not in the catalog; "
                    + $"run: {ContractFiles.GenerateCommand}";
            }
        }
    }
}
