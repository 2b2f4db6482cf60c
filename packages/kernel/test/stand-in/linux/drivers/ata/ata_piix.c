static const struct pci_device_id piix_pci_tbl[] = {
	{ PCI_VDEVICE(INTEL, 0x7010) },
	{ }
};
MODULE_DEVICE_TABLE(pci, piix_pci_tbl);
