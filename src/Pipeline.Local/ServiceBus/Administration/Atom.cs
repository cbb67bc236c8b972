using System.Xml.Linq;

namespace Pipeline.Local.ServiceBus.Administration;

/// <summary>Atom entries and feeds, in which the administration API wraps its descriptions.</summary>
internal static class Atom
{
    public static readonly XNamespace Connect = "http://schemas.microsoft.com/netservices/2010/10/servicebus/connect";
    public static readonly XNamespace Counts = "http://schemas.microsoft.com/netservices/2011/06/servicebus";
    public static readonly XNamespace Instance = "http://www.w3.org/2001/XMLSchema-instance";
    public static readonly XNamespace Schema = "http://www.w3.org/2001/XMLSchema";

    private static readonly XNamespace Namespace = "http://www.w3.org/2005/Atom";

    public static XName Content => Namespace + "content";

    public static XElement Entry(string title, XElement description) => new(
        Namespace + "entry",
        new XElement(Namespace + "id", title),
        new XElement(Namespace + "title", new XAttribute("type", "text"), title),
        new XElement(Content, new XAttribute("type", "application/xml"), description));

    public static XElement Feed(string title, IEnumerable<XElement> entries) =>
        new(Namespace + "feed", new XElement(Namespace + "title", new XAttribute("type", "text"), title), entries);
}
