using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Encoding;
using Microsoft.Azure.Amqp.Framing;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>Answers what clients ask of an entity beside sending and receiving.</summary>
internal sealed class ManagementNode(ClientSession session, ReceivingAmqpLink link, string path)
{
    private const string TrackingId = "com.microsoft:tracking-id";

    private AmqpServer Server => session.Client.Server;

    /// <exception cref="BrokerException">There is no such entity.</exception>
    public static void Serve(ClientSession session, ReceivingAmqpLink link, string path)
    {
        session.Client.Server.Broker.EnsureExists(path);
        var node = new ManagementNode(session, link, path);
        link.RegisterMessageListener(message => _ = node.AnswerAsync(message));
    }

    private async Task AnswerAsync(AmqpMessage message)
    {
        using (message)
        {
            using var answer = Server.Begin();
            var (status, description, condition, body) = await CarryAsync(message);
            var reply = AmqpMessage.Create(new AmqpValue { Value = body });
            reply.ApplicationProperties = new ApplicationProperties();
            var properties = reply.ApplicationProperties.Map;
            properties["statusCode"] = status;
            properties["statusDescription"] = description;
            if (condition is { } error)
                properties["errorCondition"] = error;
            if (message.ApplicationProperties?.Map[TrackingId] is { } tracking)
                properties[TrackingId] = tracking;
            session.Client.Reply(message, reply);
            if (!link.IsClosing())
                link.AcceptMessage(message, settled: true, batchable: false);
        }
    }

    private async Task<(int Status, string Description, AmqpSymbol? Condition, AmqpMap Body)> CarryAsync(AmqpMessage message)
    {
        try
        {
            var request = new ManagementRequest(session, path, message);
            var body = await ManagementOperations.CarryAsync(Server, request);
            return body is null ? (204, "No content", null, new AmqpMap()) : (200, "OK", null, body);
        }
        catch (Exception error)
        {
            var told = AmqpErrors.Of(error, Server.Log);
            return (AmqpErrors.StatusOf(error), told.Description, told.Condition, new AmqpMap());
        }
    }
}
