using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Pipeline.Local.Testing;

/// <summary>Keys of ASP.NET Core's data protection, which an app in a test has no use for, and which would else lie in the user's home.</summary>
internal sealed class MemoryKeys : IXmlRepository
{
    private readonly List<XElement> _keys = [];

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        lock (_keys)
            return [.. _keys];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        lock (_keys)
            _keys.Add(element);
    }
}
