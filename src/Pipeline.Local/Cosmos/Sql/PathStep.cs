using System.Text;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>One step of a path: a property name, or a place in an array.</summary>
internal readonly record struct PathStep(string? Name, int Index = 0)
{
    public byte[] Utf8 { get; } = Name is null ? [] : Encoding.UTF8.GetBytes(Name);
}
