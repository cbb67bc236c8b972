using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Pipeline.Contracts;

/// <summary>The documentation comments of records, from the XML file beside an assembly.</summary>
internal sealed partial class RecordDocumentation
{
    private readonly Dictionary<string, XElement> _types;

    private RecordDocumentation(Dictionary<string, XElement> types) => _types = types;

    /// <summary>No documentation at all.</summary>
    public static RecordDocumentation None { get; } = new([]);

    /// <summary>The documentation of the records of an assembly.</summary>
    /// <exception cref="FileNotFoundException">The XML file is not beside the assembly.</exception>
    public static RecordDocumentation Of(Assembly records) => Load(Path.ChangeExtension(records.Location, ".xml"));

    /// <summary>Reads such a file.</summary>
    public static RecordDocumentation Load(string path) => new(XDocument.Load(path).Descendants("member")
        .Where(m => ((string?)m.Attribute("name"))?.StartsWith("T:", StringComparison.Ordinal) == true)
        .ToDictionary(m => ((string)m.Attribute("name")!)[2..], StringComparer.Ordinal));

    /// <summary>Gets the description of a type; <see langword="null"/> if there is none.</summary>
    public string? Summary(Type type) => Member(type) is { } member ? TextOf(member.Element("summary")) : null;

    /// <summary>Gets the description of a record's field, by the name of its parameter; <see langword="null"/> if there is none.</summary>
    public string? Parameter(Type type, string name) =>
        Member(type) is { } member ? TextOf(member.Elements("param").SingleOrDefault(p => (string?)p.Attribute("name") == name)) : null;

    private XElement? Member(Type type) => _types.GetValueOrDefault(type.FullName?.Replace('+', '.') ?? "");

    private static string? TextOf(XElement? element) =>
        element is null ? null : Spaces().Replace(string.Concat(element.Nodes().Select(TextOf)), " ").Trim();

    private static string TextOf(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "paramref" } e => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName((string)e.Attribute("name")!),
        XElement e when (string?)e.Attribute("langword") is { } word => word,
        XElement e when (string?)e.Attribute("cref") is { } reference => reference[(reference.LastIndexOf('.') + 1)..],
        XElement e => e.Value,
        _ => "",
    };

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex Spaces();
}
