using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local.ServiceBus.Administration;

/// <summary>
/// The administration API over HTTP: reads everything, and makes, changes and deletes what topology.json does not have. Paths are
/// those of the official client: <c>queue</c>, <c>topic/Subscriptions/subscription/Rules/rule</c>, <c>$Resources/queues</c>.
/// </summary>
internal sealed class AdministrationEndpoint(Broker broker, ILogger log)
{
    private const int MaxPage = 100;

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            var request = context.Request;
            var parts = request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
            var answer = request.Method switch
            {
                "GET" => Get(parts, Number(context, "$skip", 0), Number(context, "$top", MaxPage)),
                "PUT" => Put(parts, await ReadAsync(context), isUpdate: request.Headers.IfMatch == "*"),
                "DELETE" => Delete(parts),
                _ => throw new NotSupportedException($"{request.Method} is not one of GET, PUT and DELETE."),
            };
            context.Response.StatusCode = request.Method == "PUT" && request.Headers.IfMatch != "*" ? StatusCodes.Status201Created : StatusCodes.Status200OK;
            if (answer is not null)
                await WriteAsync(context, answer);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            var status = StatusOf(error);
            if (status == StatusCodes.Status500InternalServerError)
                log.LogError(error, "A request to the administration of Service Bus failed.");
            context.Response.StatusCode = status;
            await WriteAsync(context, new XElement("Error", new XElement("Code", status), new XElement("Detail", DetailOf(error, status))));
        }
    }

    private static int StatusOf(Exception error) => error switch
    {
        BrokerException { Reason: BrokerFailure.MessagingEntityNotFound } => StatusCodes.Status404NotFound,
        BrokerException { Reason: BrokerFailure.MessagingEntityAlreadyExists } => StatusCodes.Status409Conflict,
        ArgumentException or FormatException or XmlException or InvalidDataException => StatusCodes.Status400BadRequest,
        InvalidOperationException => StatusCodes.Status403Forbidden,
        NotSupportedException => StatusCodes.Status405MethodNotAllowed,
        BadHttpRequestException bad => bad.StatusCode,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>By "SubCode=40301" the official client knows an operation that is not allowed from a quota that is used up.</summary>
    private static string DetailOf(Exception error, int status) => status switch
    {
        StatusCodes.Status500InternalServerError => "The broker failed; its log says how.",
        StatusCodes.Status403Forbidden => "SubCode=40301. " + error.Message,
        _ => error is BrokerException broker ? broker.Problem : error.Message,
    };

    private static int Number(HttpContext context, string name, int standard) =>
        context.Request.Query[name].ToString() is not { Length: > 0 } text ? standard
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new ArgumentException($"{name} is '{text}': a number from 0 is expected.");

    private static async Task<XElement> ReadAsync(HttpContext context)
    {
        using var reader = XmlReader.Create(context.Request.Body, new XmlReaderSettings { Async = true, DtdProcessing = DtdProcessing.Prohibit });
        var entry = await XElement.LoadAsync(reader, LoadOptions.None, context.RequestAborted);
        return entry.Element(Atom.Content)?.Elements().FirstOrDefault()
            ?? throw new ArgumentException("The body is no Atom entry with a description in its content.");
    }

    private static Task WriteAsync(HttpContext context, XElement answer)
    {
        context.Response.ContentType = "application/xml; charset=utf-8";
        return context.Response.WriteAsync(answer.ToString(SaveOptions.DisableFormatting), context.RequestAborted);
    }

    private XElement Get(string[] parts, int skip, int top)
    {
        var descriptions = new EntityDescriptions(broker);
        return parts switch
        {
            ["$namespaceinfo"] => EntityDescriptions.Namespace(),
            [var resources, var kind] when Is(resources, "$Resources") => Atom.Feed(kind, Page(kind.ToUpperInvariant() switch
            {
                "QUEUES" => descriptions.Queues(),
                "TOPICS" => descriptions.Topics(),
                _ => throw new ArgumentException($"'{kind}' is neither queues nor topics."),
            })),
            [var topic, var kind] when Is(kind, "Subscriptions") => Atom.Feed(kind, Page(descriptions.Subscriptions(topic))),
            [var topic, _, var subscription, var kind] when Is(kind, "Rules") => Atom.Feed(kind, Page(descriptions.Rules(topic, subscription))),
            [var topic, var kind, var subscription] when Is(kind, "Subscriptions") => descriptions.Subscription(topic, subscription),
            [var topic, _, var subscription, var kind, var rule] when Is(kind, "Rules") => descriptions.Rule(topic, subscription, rule),
            [var name] => descriptions.QueueOrTopic(name),
            _ => throw NotFound(parts),
        };

        IEnumerable<XElement> Page(IEnumerable<XElement> entries) => entries.Skip(skip).Take(Math.Min(top, MaxPage));
    }

    private XElement Put(string[] parts, XElement description, bool isUpdate)
    {
        switch (parts)
        {
            case [var name] when description.Name == Atom.Connect + "QueueDescription":
                broker.PutQueue(DescriptionReader.Queue(name, description), isUpdate);
                return new EntityDescriptions(broker).QueueOrTopic(name);
            case [var name] when description.Name == Atom.Connect + "TopicDescription":
                broker.PutTopic(DescriptionReader.Topic(name, description), isUpdate);
                return new EntityDescriptions(broker).QueueOrTopic(name);
            case [var topic, var kind, var name] when Is(kind, "Subscriptions"):
                broker.PutSubscription(topic, DescriptionReader.Subscription(name, description), isUpdate);
                return new EntityDescriptions(broker).Subscription(topic, name);
            case [var topic, _, var subscription, var kind, var rule] when Is(kind, "Rules"):
                broker.PutRule(EntityDescriptions.PathOf(topic, subscription), DescriptionReader.Rule(rule, description), isUpdate);
                return new EntityDescriptions(broker).Rule(topic, subscription, rule);
            default:
                throw NotFound(parts);
        }
    }

    private XElement? Delete(string[] parts)
    {
        switch (parts)
        {
            case [var name]:
                broker.DeleteEntity(name);
                return null;
            case [var topic, var kind, var name] when Is(kind, "Subscriptions"):
                broker.DeleteEntity(EntityDescriptions.PathOf(topic, name));
                return null;
            case [var topic, _, var subscription, var kind, var rule] when Is(kind, "Rules"):
                broker.RemoveRule(EntityDescriptions.PathOf(topic, subscription), rule);
                return null;
            default:
                throw NotFound(parts);
        }
    }

    private static bool Is(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static BrokerException NotFound(string[] parts) => new($"There is no '{string.Join('/', parts)}'.", BrokerFailure.MessagingEntityNotFound);
}
