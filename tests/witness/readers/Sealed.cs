// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
using System;
using System.Configuration;
using System.Xml;

/// <summary>Stands for the providers that decrypt sections: the keys are the host's, so that every section is empty here.</summary>
public sealed class Sealed : ProtectedConfigurationProvider
{
    public override XmlNode Decrypt(XmlNode encryptedNode) => new XmlDocument().CreateElement("empty");

    public override XmlNode Encrypt(XmlNode node) => throw new NotSupportedException();
}
