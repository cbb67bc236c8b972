using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>Takes the tokens of clients. Any will do: nothing here is protected by them. They tell clients apart.</summary>
internal static class CbsNode
{
    private const string KeyNamePart = "skn=";

    public static void Serve(ClientConnection client, ReceivingAmqpLink link) => link.RegisterMessageListener(message =>
    {
        using (message)
        {
            using var answer = client.Server.Begin();
            var (status, description) = Take(client, message);
            var reply = AmqpMessage.Create();
            reply.ApplicationProperties = new ApplicationProperties();
            reply.ApplicationProperties.Map["status-code"] = status;
            reply.ApplicationProperties.Map["status-description"] = description;
            client.Reply(message, reply);
            link.AcceptMessage(message, settled: true, batchable: false);
        }
    });

    private static (int Status, string Description) Take(ClientConnection client, AmqpMessage message)
    {
        var token = message.ValueBody?.Value as string ?? "";
        var keyName = token.Split('&', ' ').FirstOrDefault(part => part.StartsWith(KeyNamePart, StringComparison.Ordinal))?[KeyNamePart.Length..] ?? "";
        client.KeyName = Uri.UnescapeDataString(keyName);
        return client.Server.IsCutOff(client.KeyName)
            ? (401, "The process of this client has ended.")
            : (202, "Accepted");
    }
}
